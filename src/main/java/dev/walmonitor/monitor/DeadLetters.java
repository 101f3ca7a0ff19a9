package dev.walmonitor.monitor;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Changes that were given up, in {@code parked_change}. Thread-safe. */
@Singleton
public class DeadLetters {

    /**
     * Which; what is null or empty does not matter.
     *
     * @param source by name
     * @param table as {@code schema.name}
     */
    public record Selection(
            List<Long> ids,
            @Nullable String source,
            @Nullable String rule,
            @Nullable String table) {

        public static final Selection ALL = new Selection(List.of(), null, null, null);

        private Tuple values() {
            return Tuple.of(ids.isEmpty() ? null : ids.toArray(Long[]::new), source, rule, table);
        }
    }

    /**
     * One of them.
     *
     * @param change the id of the change
     * @param error why it failed the last time; no values of the row
     */
    public record DeadLetter(
            long id,
            String source,
            String rule,
            String change,
            String table,
            String operation,
            Instant committedAt,
            int attempts,
            @Nullable String error,
            Instant diedAt) {}

    /** A rule of a source. */
    public record RuleOf(String source, String rule) {}

    private static final String SELECTED =
            """
             s.id = p.source_id AND p.state = 'dead'
              AND ($1::bigint[] IS NULL OR p.id = ANY ($1)) AND ($2::text IS NULL OR s.name = $2)
              AND ($3::text IS NULL OR p.rule = $3) AND ($4::text IS NULL OR p.table_name = $4)
            """;

    private static final String LIST =
            """
            SELECT p.id, s.name, p.rule, p.commit_lsn::text AS commit, p.ordinal, p.table_name, p.operation,
                   p.committed_at, p.attempts, p.error, p.died_at
            FROM wal_monitor.parked_change p, wal_monitor.sources s WHERE \
            """
                    + SELECTED
                    + " AND p.id > $5 ORDER BY p.id LIMIT $6";

    /** Counted from the beginning, and a change of its own whatever else waits. */
    private static final String RETRY =
            """
            WITH again AS (
                UPDATE wal_monitor.parked_change p SET state = 'parked', attempts = 0, due_at = now(), died_at = NULL,
                       mark = NULL, version = p.version + 1
                FROM wal_monitor.sources s WHERE \
            """
                    + SELECTED
                    + " RETURNING s.name, p.rule) SELECT name, rule, count(*) AS rows FROM again GROUP BY name, rule";

    private static final String DISCARD =
            "WITH gone AS (DELETE FROM wal_monitor.parked_change p USING wal_monitor.sources s WHERE "
                    + SELECTED
                    + " RETURNING s.name, p.rule) SELECT name, rule, count(*) AS rows FROM gone GROUP BY name, rule";

    private static final String EXPIRE =
            """
            DELETE FROM wal_monitor.parked_change WHERE id IN (
                SELECT id FROM wal_monitor.parked_change
                WHERE state = 'dead' AND died_at < now() - make_interval(secs => $1) LIMIT $2)
            """;

    private static final int AT_ONCE = 1_000;

    private final Pool pool;
    private final MonitorDatabase database;

    DeadLetters(Pool pool, MonitorDatabase database) {
        this.pool = pool;
        this.database = database;
    }

    /**
     * Lists them by their ids.
     *
     * @param after the last id of the page before; 0 for the first page
     */
    public Uni<List<DeadLetter>> list(Selection selection, long after, int limit) {
        return database.ask(() ->
                pool.preparedQuery(LIST)
                        .execute(selection.values().addLong(after).addInteger(limit))
                        .map(DeadLetters::letters));
    }

    private static List<DeadLetter> letters(RowSet<Row> rows) {
        List<DeadLetter> letters = new ArrayList<>();
        for (Row row : rows) {
            letters.add(
                    new DeadLetter(
                            row.getLong("id"),
                            row.getString("name"),
                            row.getString("rule"),
                            row.getString("commit") + ":" + row.getInteger("ordinal"),
                            row.getString("table_name"),
                            row.getString("operation"),
                            row.getOffsetDateTime("committed_at").toInstant(),
                            row.getInteger("attempts"),
                            row.getString("error"),
                            row.getOffsetDateTime("died_at").toInstant()));
        }
        return letters;
    }

    /** Parks them again, to be tried as if for the first time; answers how many of each rule. */
    public Uni<Map<RuleOf, Long>> retry(Selection selection) {
        return change(RETRY, selection);
    }

    /** Forgets them; answers how many of each rule. */
    public Uni<Map<RuleOf, Long>> discard(Selection selection) {
        return change(DISCARD, selection);
    }

    private Uni<Map<RuleOf, Long>> change(String statement, Selection selection) {
        return database.ask(() ->
                pool.preparedQuery(statement)
                        .execute(selection.values())
                        .map(rows -> {
                            Map<RuleOf, Long> counts =
                                    new TreeMap<>(
                                            java.util.Comparator.comparing(RuleOf::source)
                                                    .thenComparing(RuleOf::rule));
                            rows.forEach(row ->
                                    counts.put(
                                            new RuleOf(
                                                    row.getString("name"), row.getString("rule")),
                                            row.getLong("rows")));
                            return counts;
                        }));
    }

    /** Forgets some of those that are older; answers how many. */
    Uni<Integer> expire(Duration age) {
        return database.ask(() ->
                pool.preparedQuery(EXPIRE)
                        .execute(Tuple.of((double) age.toSeconds(), AT_ONCE))
                        .map(RowSet::rowCount));
    }
}
