package dev.walmonitor.monitor;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Monitor rows as a whole: how many there are, and those that nobody checks any more. */
@Singleton
class StaleMonitors {
    private static final String COUNT =
            "SELECT status, count(*) AS rows FROM wal_monitor.wal_monitor GROUP BY status";

    private static final String REMOVE =
            """
            DELETE FROM wal_monitor.wal_monitor w USING wal_monitor.sources s
            WHERE s.id = w.source_id AND w.last_checked_at < now() - make_interval(secs => $1)
              AND s.name <> ALL ($2::text[])
            RETURNING s.name
            """;

    private final Pool pool;
    private final MonitorDatabase database;

    StaleMonitors(Pool pool, MonitorDatabase database) {
        this.pool = pool;
        this.database = database;
    }

    Uni<Map<MonitorStatus, Long>> count() {
        return database.ask(() ->
                pool.query(COUNT)
                        .execute()
                        .map(rows -> {
                            Map<MonitorStatus, Long> counts = new EnumMap<>(MonitorStatus.class);
                            rows.forEach(row ->
                                    counts.put(
                                            MonitorStatus.valueOf(row.getString("status")),
                                            row.getLong("rows")));
                            return counts;
                        }));
    }

    /**
     * Removes the rows that were not checked for so long; answers of which sources.
     *
     * @param kept sources whose rows stay
     */
    Uni<List<String>> remove(Duration age, List<String> kept) {
        Tuple values =
                Tuple.tuple()
                        .addDouble((double) age.toSeconds())
                        .addArrayOfString(kept.toArray(String[]::new));
        return database.ask(() ->
                pool.preparedQuery(REMOVE)
                        .execute(values)
                        .map(rows -> {
                            List<String> names = new ArrayList<>();
                            rows.forEach(row -> names.add(row.getString("name")));
                            return names;
                        }));
    }
}
