package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.BackendMessage.CommandComplete;
import dev.walmonitor.source.postgres.wire.BackendMessage.DataRow;
import dev.walmonitor.source.postgres.wire.BackendMessage.EmptyQueryResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.ErrorResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.NoticeResponse;
import dev.walmonitor.source.postgres.wire.BackendMessage.ParameterStatus;
import dev.walmonitor.source.postgres.wire.BackendMessage.ReadyForQuery;
import dev.walmonitor.source.postgres.wire.BackendMessage.RowDescription;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One simple query (protocol chapter "Simple Query"), owned by its connection's event loop. */
final class QueryPhase implements Operation {
    private final String sql;
    private final Promise<QueryResult> promise;
    private final Runnable over;
    private final long maxBytes;
    private final List<ServerMessage> notices = new ArrayList<>();
    private List<String> columns = List.of();
    private List<List<@Nullable String>> rows = new ArrayList<>();
    private long bytes;
    private @Nullable ServerError error;

    /**
     * @param over runs when the connection is free again
     * @param maxBytes the largest result, so that no server can fill our memory
     */
    QueryPhase(String sql, Promise<QueryResult> promise, Runnable over, long maxBytes) {
        this.sql = sql;
        this.promise = promise;
        this.over = over;
        this.maxBytes = maxBytes;
    }

    @Override
    public Buffer request() {
        return FrontendMessage.query(sql);
    }

    @Override
    public void on(BackendMessage message) {
        switch (message) {
            case RowDescription description -> {
                columns = description.columns();
                rows = new ArrayList<>();
            }
            case DataRow row -> add(row.values());
            case CommandComplete _ -> {}
            case EmptyQueryResponse _ -> {}
            case ErrorResponse e -> error = new ServerError(e.message());
            case NoticeResponse notice -> {
                if (notices.size() < QueryResult.MAX_NOTICES) {
                    notices.add(notice.message());
                }
            }
            case ParameterStatus _ -> {}
            case ReadyForQuery _ -> finish();
            case BackendMessage.Greeting _ -> throw unexpected(message);
            case BackendMessage.Copy _ -> throw unexpected(message);
        }
    }

    @Override
    public void lost(WireException cause, boolean orderly) {
        promise.tryFail(error != null ? error : cause);
    }

    private void add(List<@Nullable String> values) {
        if (values.size() != columns.size()) {
            throw new ProtocolViolation(
                    "The server sent a row of "
                            + values.size()
                            + " columns; expected "
                            + columns.size()
                            + ".");
        }
        for (String value : values) {
            bytes += value == null ? 8 : 8L + value.length();
        }
        if (bytes > maxBytes) {
            throw new ProtocolViolation(
                    "The result of a query is larger than " + maxBytes + " bytes.");
        }
        rows.add(values);
    }

    private void finish() {
        over.run();
        if (error != null) {
            promise.tryFail(error);
        } else {
            promise.tryComplete(
                    new QueryResult(
                            columns, Collections.unmodifiableList(rows), List.copyOf(notices)));
        }
    }

    private static ProtocolViolation unexpected(BackendMessage message) {
        return BackendDecoder.unexpected(
                message.getClass().getSimpleName(), "as the answer to a query");
    }
}
