package dev.walmonitor.admin.health;

import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.Schema;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means that our tables are there and answer: without them nothing is confirmed. */
@Readiness
@Singleton
class DatabaseReadiness implements AsyncHealthCheck {
    private static final String NAME = "monitor-database";
    private static final String PROBE = "SELECT 1 FROM wal_monitor.sources LIMIT 0";

    private final Supplier<Schema.State> schema;
    private final Uni<HealthCheckResponse> answer;

    @Inject
    DatabaseReadiness(Schema schema, MonitorDatabase database, Pool pool) {
        this(schema::state, database.ask(() -> pool.query(PROBE).execute().replaceWithVoid()));
    }

    /**
     * @param probe fails with a message for people if the database does not answer
     */
    DatabaseReadiness(Supplier<Schema.State> schema, Uni<Void> probe) {
        this.schema = schema;
        this.answer =
                probe.map(v -> up())
                        .onFailure()
                        .recoverWithItem(failure -> down(String.valueOf(failure.getMessage())))
                        .memoize()
                        .forFixedDuration(Duration.ofSeconds(1));
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return switch (schema.get()) {
            case Schema.State.Ready ready -> answer;
            case Schema.State.Pending pending ->
                    Uni.createFrom()
                            .item(
                                    down(
                                            pending.why() == null
                                                    ? "Our tables are not there yet."
                                                    : pending.why()));
            case Schema.State.Impossible impossible ->
                    Uni.createFrom().item(down(impossible.why()));
        };
    }

    private static HealthCheckResponse up() {
        return HealthCheckResponse.up(NAME);
    }

    private static HealthCheckResponse down(String message) {
        return HealthCheckResponse.named(NAME).down().withData("message", message).build();
    }
}
