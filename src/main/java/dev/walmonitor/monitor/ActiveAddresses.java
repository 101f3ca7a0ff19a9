package dev.walmonitor.monitor;

import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.SourceState;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.Cancellable;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.interceptor.Interceptor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes this instance's address to the sources that it reads, so that others can send on what they
 * cannot answer themselves. Its state is owned by one event loop, on which its timer runs.
 */
@Singleton
public class ActiveAddresses {
    private static final int RETRY_MILLIS = 2_000;

    /** In these an instance has the slot. */
    private static final Set<SourceState> READING =
            EnumSet.of(
                    SourceState.STREAMING,
                    SourceState.IDLE,
                    SourceState.STALLED,
                    SourceState.PAUSED);

    private static final String WRITE =
            "UPDATE wal_monitor.sources SET address = $2, address_at = now() WHERE name = $1";
    private static final String READ = "SELECT address FROM wal_monitor.sources WHERE name = $1";

    private final Vertx vertx;
    private final Context loop;
    private final Pipelines pipelines;
    private final Schema schema;
    private final Pool pool;
    private final MonitorDatabase database;
    private final OwnAddress own;

    private final Set<String> written = new HashSet<>();
    private final Set<String> underWay = new HashSet<>();
    private final List<Runnable> ends = new ArrayList<>();

    ActiveAddresses(
            Vertx vertx,
            Pipelines pipelines,
            Schema schema,
            Pool pool,
            MonitorDatabase database,
            OwnAddress own) {
        this.vertx = vertx;
        this.loop = vertx.getOrCreateContext();
        this.pipelines = pipelines;
        this.schema = schema;
        this.pool = pool;
        this.database = database;
        this.own = own;
    }

    void start(@Observes @Priority(Interceptor.Priority.LIBRARY_AFTER) StartupEvent event) {
        loop.runOnContext(v -> begin());
    }

    void stop(@Observes ShutdownEvent event) {
        loop.runOnContext(v -> ends.forEach(Runnable::run));
    }

    private void begin() {
        long timer =
                vertx.setPeriodic(RETRY_MILLIS, id -> pipelines.statuses().forEach(this::look));
        Cancellable changes =
                pipelines
                        .changes()
                        .subscribe()
                        .with(status -> loop.runOnContext(v -> look(status)));
        ends.add(() -> vertx.cancelTimer(timer));
        ends.add(changes::cancel);
    }

    private void look(PipelineStatus status) {
        String source = status.source().source();
        if (!READING.contains(status.source().state())) {
            written.remove(source);
        } else if (schema.state() instanceof Schema.State.Ready
                && !written.contains(source)
                && underWay.add(source)) {
            write(source);
        }
    }

    /** What fails is tried again when the timer looks. */
    private void write(String source) {
        database.ask(() -> pool.preparedQuery(WRITE).execute(Tuple.of(source, own.address())))
                .subscribe()
                .with(
                        rows ->
                                loop.runOnContext(v -> {
                                    underWay.remove(source);
                                    if (rows.rowCount() > 0) {
                                        written.add(source);
                                    }
                                }),
                        failure -> loop.runOnContext(v -> underWay.remove(source)));
    }

    /** Where the instance is that reads a source; empty if that is not known, or is this one. */
    public Uni<Optional<String>> elsewhere(String source) {
        return database.ask(() -> pool.preparedQuery(READ).execute(Tuple.of(source)))
                .map(rows -> {
                    for (Row row : rows) {
                        String address = row.getString("address");
                        if (address != null && !address.equals(own.address())) {
                            return Optional.of(address);
                        }
                    }
                    return Optional.<String>empty();
                });
    }
}
