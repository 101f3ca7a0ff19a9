package dev.walmonitor.monitor;

import dev.walmonitor.monitor.SourceMeters.Outcome;
import dev.walmonitor.monitor.WalMonitorRepository.Update;
import dev.walmonitor.monitor.WalMonitorRepository.Upserted;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What other listeners say of the sources that they watch: their monitor rows are written here, and
 * each write is logged and counted. Thread-safe.
 */
@Singleton
public class ExternalMonitors {
    private static final Logger LOG = Logger.getLogger(ExternalMonitors.class);

    private final MonitorDatabase database;
    private final SourceRepository sources;
    private final WalMonitorRepository monitors;
    private final SourceMeters meters;
    private final Turns turns;

    ExternalMonitors(
            MonitorDatabase database,
            SourceRepository sources,
            WalMonitorRepository monitors,
            SourceMeters meters,
            MonitorConfig config) {
        this.database = database;
        this.sources = sources;
        this.monitors = monitors;
        this.meters = meters;
        this.turns = new Turns(config.writesAtOnce());
    }

    /** Finds a source by its name or id, when it is its turn. */
    public Uni<Optional<Source>> find(String nameOrId) {
        return ask(() -> sources.get(nameOrId));
    }

    /**
     * Creates or changes the row of a source.
     *
     * @return fails with {@link UnknownSourceException} if it is gone meanwhile
     */
    public Uni<Upserted> upsert(Source source, MonitorUpdate fields) {
        return ask(() -> monitors.upsertMonitor(source.id, fields))
                .invoke(done -> wrote(source.name, done.row()))
                .onFailure()
                .invoke(failure -> meters.upserted(source.name, Outcome.FAILED));
    }

    /**
     * Creates or changes the rows of several sources, all of them or none.
     *
     * @param names of the sources, by id
     * @return in the order given; fails with {@link UnknownSourceException} if one is gone
     */
    public Uni<List<Upserted>> upsert(List<Update> updates, Map<Integer, String> names) {
        return ask(() -> monitors.upsertMonitors(updates))
                .invoke(all ->
                        all.forEach(done -> wrote(name(names, done.row().sourceId), done.row())))
                .onFailure()
                .invoke(failure ->
                        names.values().forEach(name -> meters.upserted(name, Outcome.FAILED)));
    }

    private static String name(Map<Integer, String> names, int id) {
        return names.getOrDefault(id, "");
    }

    /**
     * @return empty if the source has no row
     */
    public Uni<Optional<WalMonitor>> status(
            Source source, MonitorStatus status, @Nullable String error) {
        return ask(() -> monitors.updateStatus(source.id, status, error))
                .invoke(found -> found.ifPresent(row -> wrote(source.name, row)));
    }

    /**
     * @return whether there was a row
     */
    public Uni<Boolean> delete(Source source) {
        return ask(() -> monitors.deleteBySource(source.id))
                .invoke(deleted -> {
                    if (deleted) {
                        LOG.infof("monitor deleted source_id=%d", source.id);
                    }
                });
    }

    /** Forgets a source and all that is known of it; answers whether there was one. */
    public Uni<Boolean> forget(Source source) {
        return ask(() -> sources.delete(source.id))
                .invoke(deleted -> {
                    meters.forget(source.name);
                    if (deleted) {
                        LOG.infof("source deleted source_id=%d", source.id);
                    }
                });
    }

    private void wrote(String source, WalMonitor row) {
        meters.wrote(source, row.status);
        LOG.infof(
                "monitor upserted source_id=%d monitor_id=%d status=%s",
                row.sourceId, row.id, row.status);
    }

    private <T> Uni<T> ask(Supplier<Uni<? extends T>> question) {
        return turns.take(() -> database.ask(question));
    }
}
