package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.wire.WireConnection;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * What is known before a stream starts: the server is the right one, the publication holds what is
 * wanted, the slot is there and free.
 *
 * @param confirmedFlush the slot's
 * @param startAt from where the stream is asked for, never before {@code confirmedFlush}
 */
record Preparation(Server server, Lsn confirmedFlush, Lsn startAt, TableKeys keys) {

    /**
     * What this process remembers of earlier connections.
     *
     * @param systemId of the server that it was connected to
     * @param received everything before it came whole, and is not asked for again
     */
    record Memory(String systemId, Lsn received) {}

    /**
     * Asks and, where it may, mends; the publication first, as it must be older than what the slot
     * reads.
     */
    static Future<Preparation> of(
            WireConnection connection,
            Slot slot,
            Publication publication,
            @Nullable Memory memory) {
        return Server.ask(connection)
                .map(server -> sameServer(server, memory))
                .compose(server ->
                        slot.checkFree(connection)
                                .compose(free -> publication.ensure(connection))
                                .compose(published -> slot.ensure(connection, memory != null))
                                .compose(confirmed ->
                                        connection
                                                .query(Catalogue.primaryKeys(null))
                                                .map(keys ->
                                                        new Preparation(
                                                                server,
                                                                confirmed,
                                                                memory == null
                                                                        ? confirmed
                                                                        : Position.later(
                                                                                confirmed,
                                                                                memory.received()),
                                                                new TableKeys(
                                                                        Catalogue.keys(
                                                                                keys.rows()))))));
    }

    private static Server sameServer(Server server, @Nullable Memory memory) {
        if (memory == null) {
            return server;
        }
        if (!memory.systemId().equals(server.systemId())) {
            throw new ReplicationException(
                    new SourceFailure(
                            SourceState.SLOT_LOST,
                            "identity",
                            "Another database cluster answers than before (system identifier "
                                    + server.systemId()
                                    + " instead of "
                                    + memory.systemId()
                                    + ").",
                            "Its log is another one; restart to begin there, with a gap.",
                            Retry.NEVER));
        }
        if (memory.received().isAfter(server.end())) {
            throw new ReplicationException(
                    new SourceFailure(
                            SourceState.SLOT_LOST,
                            "identity",
                            "The server's log ends at "
                                    + server.end()
                                    + ", before "
                                    + memory.received()
                                    + ", which it has sent already: it was restored, or is another one.",
                            "Restart to begin at the slot's position, with a gap.",
                            Retry.NEVER));
        }
        return server;
    }
}
