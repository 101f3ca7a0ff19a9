package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.WireConnection;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A second connection for plain questions, made when the first one is asked and again after it
 * broke, so that a stream that is dead or busy is still reported. Owned by the source's event loop.
 */
final class ControlConnection implements Database {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final WireOptions options;
    private @Nullable Future<WireConnection> connection;

    ControlConnection(Vertx vertx, WireOptions options) {
        this.vertx = vertx;
        this.options =
                options.withApplicationName(options.applicationName() + " control")
                        .withoutReplication();
    }

    /**
     * An answer that does not come in time costs the connection; the next question gets another.
     */
    @Override
    public Future<QueryResult> query(String sql) {
        Future<WireConnection> used = connection;
        if (used == null || used.failed() || (used.succeeded() && used.result().isClosed())) {
            used = WireConnection.connect(vertx, options);
            connection = used;
        }
        return used.compose(open -> {
            long timer =
                    vertx.setTimer(
                            PATIENCE.toMillis(),
                            late -> {
                                var _ = open.close();
                            });
            return open.query(sql).onComplete(answered -> vertx.cancelTimer(timer));
        });
    }

    Future<Void> close() {
        Future<WireConnection> used = connection;
        connection = null;
        return used == null
                ? Future.succeededFuture()
                : used.compose(WireConnection::close).otherwiseEmpty();
    }
}
