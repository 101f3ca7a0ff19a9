package dev.walmonitor.monitor;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code wal_monitor_history}, which the database itself fills whenever a monitor row
 * gets another status. Thread-safe.
 */
@Singleton
public class StatusHistory {

    /**
     * A change of status.
     *
     * @param before null: the row was made
     */
    public record Turn(
            long id,
            Instant at,
            @Nullable MonitorStatus before,
            MonitorStatus status,
            @Nullable String error,
            @Nullable String lsn) {}

    private static final String LIST =
            """
            SELECT id, at, old_status, status, error_message, wal_lsn FROM wal_monitor.wal_monitor_history
            WHERE source_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3
            """;

    private static final String PRUNE =
            """
            DELETE FROM wal_monitor.wal_monitor_history WHERE id IN (
                SELECT id FROM wal_monitor.wal_monitor_history WHERE at < now() - make_interval(secs => $1) LIMIT $2)
            """;

    private final Pool pool;
    private final MonitorDatabase database;

    StatusHistory(Pool pool, MonitorDatabase database) {
        this.pool = pool;
        this.database = database;
    }

    /**
     * The newest first.
     *
     * @param before the id of the last one of the page before; {@link Long#MAX_VALUE} for the first
     */
    public Uni<List<Turn>> list(int sourceId, long before, int most) {
        return database.ask(() ->
                pool.preparedQuery(LIST)
                        .execute(Tuple.of(sourceId, before, most))
                        .map(rows -> {
                            List<Turn> turns = new ArrayList<>();
                            rows.forEach(row -> turns.add(turn(row)));
                            return turns;
                        }));
    }

    private static Turn turn(Row row) {
        String before = row.getString("old_status");
        return new Turn(
                row.getLong("id"),
                row.getOffsetDateTime("at").toInstant(),
                before == null ? null : MonitorStatus.valueOf(before),
                MonitorStatus.valueOf(row.getString("status")),
                row.getString("error_message"),
                row.getString("wal_lsn"));
    }

    /** Removes some of those that are older; answers how many. */
    Uni<Integer> prune(Duration age) {
        return database.ask(() ->
                pool.preparedQuery(PRUNE)
                        .execute(Tuple.of((double) age.toSeconds(), WalMetrics.AT_ONCE))
                        .map(rows -> rows.rowCount()));
    }
}
