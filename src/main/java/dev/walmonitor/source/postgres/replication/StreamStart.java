package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.types.TypeCatalogue;
import dev.walmonitor.source.postgres.wire.WireConnection;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Consumer;

/**
 * Begins a stream, over a connection on which nothing was asked before. A server's process that was
 * asked about publications and the like remembers how tables look now, and would read the log's old
 * rows by that: text as numbers, values in columns that were added later.
 */
final class StreamStart {
    private final Vertx vertx;
    private final WireOptions wire;
    private final Surroundings around;
    private final Patience patience;

    StreamStart(Vertx vertx, WireOptions wire, Surroundings around, Patience patience) {
        this.vertx = vertx;
        this.wire = wire;
        this.around = around;
        this.patience = patience;
    }

    /**
     * Asks what is still to be asked, and lets go of the connection on which all was.
     *
     * @param begun takes the session as soon as the stream has begun
     */
    Future<Void> begin(
            WireConnection asked,
            Preparation prepared,
            Interest wanted,
            ReplicationSession.Owner owner,
            Consumer<ReplicationSession> begun) {
        return types(asked, prepared.server())
                .compose(types ->
                        asked.close()
                                .compose(closed -> spillable())
                                .compose(ready -> WireConnection.connect(vertx, wire))
                                .compose(fresh -> {
                                    patience.begin(fresh);
                                    return stream(fresh, prepared, types, wanted, owner)
                                            .onSuccess(begun::accept)
                                            .onFailure(failure -> {
                                                var _ = fresh.close();
                                            });
                                }))
                .mapEmpty();
    }

    private Future<TypeCatalogue> types(WireConnection connection, Server server) {
        return around.options().stream().binary()
                ? connection
                        .query(TypeCatalogue.QUERY)
                        .map(answer -> TypeCatalogue.of(answer.rows(), server.version()))
                : Future.succeededFuture(TypeCatalogue.NONE);
    }

    private Future<Void> spillable() {
        return around.request().streaming()
                ? StreamedTransactions.check(around.options().stream(), around.disk())
                : Future.succeededFuture();
    }

    private Future<ReplicationSession> stream(
            WireConnection connection,
            Preparation prepared,
            TypeCatalogue types,
            Interest wanted,
            ReplicationSession.Owner owner) {
        String command;
        try {
            command = around.request().startReplication(prepared.server(), prepared.startAt());
        } catch (ReplicationException tooOld) {
            return Future.failedFuture(tooOld);
        }
        ReplicationSession next =
                new ReplicationSession(connection, prepared, wanted, types, around, owner);
        return connection
                .query("IDENTIFY_SYSTEM")
                .map(prepared.server()::stillAnswers)
                .compose(same -> encoded(connection, prepared.server()))
                .compose(encoded -> connection.copyBoth(command, next))
                .map(begun -> next);
    }

    /** Text without an encoding is sent as it is, where a conversion would stop the stream. */
    private static Future<?> encoded(WireConnection connection, Server server) {
        return server.isWithoutEncoding()
                ? connection.query("SET client_encoding TO 'SQL_ASCII'")
                : Future.succeededFuture();
    }
}
