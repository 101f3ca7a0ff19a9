package dev.walmonitor.monitor;

import dev.walmonitor.monitor.SourceMeters.Outcome;
import dev.walmonitor.source.SourceProfile;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Writes monitor rows, and makes a source known before its first. Thread-safe. */
@Singleton
class MonitorWriter implements SourceWatch.Writer {
    private static final Logger LOG = Logger.getLogger(MonitorWriter.class);

    private final MonitorDatabase database;
    private final SourceRepository sources;
    private final WalMonitorRepository monitors;
    private final SourceMeters meters;
    private final Map<String, Integer> ids = new ConcurrentHashMap<>();
    private final Outage outage = new Outage(LOG, "The monitor rows are written again.");

    MonitorWriter(
            MonitorDatabase database,
            SourceRepository sources,
            WalMonitorRepository monitors,
            SourceMeters meters) {
        this.database = database;
        this.sources = sources;
        this.monitors = monitors;
        this.meters = meters;
    }

    @Override
    public Uni<Void> write(SourceProfile source, Sighting sighting) {
        return database.ask(() -> id(source).chain(id -> monitors.upsertMonitor(id, sighting)))
                .invoke(row -> written(source, row))
                .onFailure()
                .invoke(failure -> failed(source, failure))
                .replaceWithVoid();
    }

    private Uni<Integer> id(SourceProfile source) {
        Integer known = ids.get(source.name());
        return known != null
                ? Uni.createFrom().item(known)
                : sources.register(source)
                        .map(row -> row.id)
                        .invoke(id -> ids.put(source.name(), id));
    }

    private void written(SourceProfile source, WalMonitor row) {
        outage.over();
        meters.wrote(source.name(), row.status);
        LOG.debugf(
                "monitor written source_id=%d monitor_id=%d status=%s",
                row.sourceId, row.id, row.status);
    }

    /** Somebody may have deleted the source: it is made known again with the next write. */
    private void failed(SourceProfile source, Throwable failure) {
        ids.remove(source.name());
        meters.upserted(source.name(), Outcome.FAILED);
        outage.failed("The monitor rows cannot be written.", failure);
    }
}
