package dev.walmonitor.monitor;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Brings our tables to the version of this build. Thread-safe. */
@Singleton
public class Schema {
    private static final Logger LOG = Logger.getLogger(Schema.class);

    /** How the tables stand. */
    public sealed interface State {

        /** Not there yet, or not known; why, once an attempt has failed. */
        record Pending(@Nullable String why) implements State {}

        record Ready() implements State {}

        /** Not without a person's help. */
        record Impossible(String why) implements State {}
    }

    private final Runnable migration;
    private final DatabaseAddress address;
    private final Duration firstWait;
    private final Outage outage = new Outage(LOG, "The monitor database answers.");
    private volatile State state = new State.Pending(null);

    @Inject
    Schema(Flyway flyway, MonitorDatabase database) {
        this(new Migration(flyway), database.address(), Duration.ofSeconds(1));
    }

    Schema(Runnable migration, DatabaseAddress address, Duration firstWait) {
        this.migration = migration;
        this.address = address;
        this.firstWait = firstWait;
    }

    public State state() {
        return state;
    }

    /**
     * Makes or mends the tables, on a worker thread. Where waiting can help it is tried again,
     * later and later, and the log tells the reason once.
     *
     * @return fails only with {@link MonitorDatabaseException}, and only where waiting cannot help
     */
    public Uni<Void> migrate() {
        return Uni.createFrom()
                .voidItem()
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .invoke(migration)
                .onFailure()
                .transform(
                        failure -> new MonitorDatabaseException(DatabaseFault.of(failure, address)))
                .onFailure(MonitorDatabaseException.class)
                .invoke(this::failed)
                .onFailure(failure -> ((MonitorDatabaseException) failure).fault().waitingHelps())
                .retry()
                .withBackOff(firstWait, firstWait.multipliedBy(30))
                .indefinitely()
                .invoke(this::succeeded);
    }

    private void failed(MonitorDatabaseException failure) {
        String why = failure.fault().message();
        if (failure.fault().waitingHelps()) {
            outage.failed("Waiting for the monitor database.", failure);
            state = new State.Pending(why);
        } else {
            state = new State.Impossible(why);
        }
    }

    private void succeeded() {
        outage.over();
        state = new State.Ready();
        LOG.debugf("The tables of schema wal_monitor at %s are those of this build", address);
    }
}
