package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.wire.WireConnection;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How long a connection may take to become a stream. A new slot waits for every transaction that is
 * open, however long: that is not given up, as the server would go on waiting with half a slot, but
 * it is told, and by whom it is held up. Owned by the source's event loop.
 */
final class Patience {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration BEFORE_TELLING = Duration.ofSeconds(5);

    /** The oldest transaction that a new slot may be waiting for. */
    private static final String OLDEST =
            "select pid, coalesce(state, ''), extract(epoch from now() - xact_start)::int8"
                    + " from pg_catalog.pg_stat_activity"
                    + " where backend_xid is not null and pid <> pg_backend_pid()"
                    + " order by xact_start limit 1";

    private final Database database;
    private final Timers timers;
    private final Consumer<SourceFailure> teller;
    private @Nullable WireConnection waiting;
    private boolean creating;

    Patience(Database database, Timers timers, Consumer<SourceFailure> teller) {
        this.database = database;
        this.timers = timers;
        this.teller = teller;
    }

    void begin(WireConnection connection) {
        waiting = connection;
        creating = false;
        timers.after(
                LIMIT,
                () -> {
                    if (waiting == connection && !creating) {
                        var _ = connection.close();
                    }
                });
    }

    /** A slot is about to be made. */
    void creating() {
        creating = true;
        WireConnection connection = waiting;
        timers.after(BEFORE_TELLING, () -> tellOfCreation(connection));
    }

    void end() {
        waiting = null;
    }

    private void tellOfCreation(@Nullable WireConnection connection) {
        if (connection == null || waiting != connection) {
            return;
        }
        database.query(OLDEST)
                .onSuccess(found -> {
                    if (waiting == connection && !found.rows().isEmpty()) {
                        teller.accept(heldUp(found.rows().getFirst()));
                    }
                })
                .onComplete(
                        asked -> timers.after(BEFORE_TELLING, () -> tellOfCreation(connection)));
    }

    private static SourceFailure heldUp(List<@Nullable String> transaction) {
        String pid = Catalogue.text(transaction, 0);
        String state = Catalogue.text(transaction, 1); // only superusers see it of others
        return new SourceFailure(
                SourceState.CONNECTING,
                "slot",
                "The new slot waits for every transaction that is open; the oldest is that of backend "
                        + pid
                        + (state.isEmpty() ? "" : " (" + state + ")")
                        + ".",
                "Let it end, or end it: SELECT pg_terminate_backend(" + pid + ")",
                Retry.SOON);
    }
}
