package dev.walmonitor.sink.sql;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Cursor;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Queries on PostgreSQL. Thread-safe.
 *
 * <p>What the server takes values for is forgotten when a query fails, as a table may have been
 * altered.
 */
public final class PgQueries implements Queries {

    /**
     * What sessions of the pool have to be started with, so that values look alike whatever the
     * role's own settings are, and so that no query can write.
     */
    public static final Map<String, String> SESSION =
            Map.of(
                    "TimeZone", "UTC",
                    "DateStyle", "ISO",
                    "IntervalStyle", "postgres",
                    "bytea_output", "hex",
                    "extra_float_digits", "1",
                    "default_transaction_read_only", "on");

    private final Pool pool;
    private final String database;
    private final Duration timeout;
    private final Place place;
    private final ParameterTypes types;

    /** What the database is. */
    public enum Place {
        /** The one that the log is of. */
        PRIMARY,
        /** It may be a replica of it; each read asks. */
        MAYBE_REPLICA
    }

    /** Where a replica is in the log, as a number; NULL of a primary. */
    private static final String REPLAYED =
            "select case when pg_is_in_recovery()"
                    + " then (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::text end";

    /**
     * @param database what to call it in messages, such as {@code the database of source main}
     * @param timeout how long a query may take
     */
    public PgQueries(Pool pool, String database, Duration timeout, Place place) {
        this.pool = pool;
        this.types = new ParameterTypes(pool);
        this.database = database;
        this.timeout = timeout;
        this.place = place;
    }

    /** Queries on a primary. */
    public PgQueries(Pool pool, String database, Duration timeout) {
        this(pool, database, timeout, Place.PRIMARY);
    }

    @Override
    public Uni<Snapshot> snapshot(Query query, List<@Nullable String> values, Set<Mark> marks) {
        Long[] numbers =
                marks.stream().map(mark -> Integer.toUnsignedLong(mark.xid())).toArray(Long[]::new);
        Uni<Snapshot> read =
                types.text(query)
                        .map(text -> snapshotOf(text, values.size() + 1))
                        .chain(sql -> read(sql, tuple(values).addArrayOfLong(numbers), marks));
        return guarded(query, read);
    }

    private Uni<Snapshot> read(String sql, Tuple tuple, Set<Mark> marks) {
        return switch (place) {
            case PRIMARY ->
                    pool.preparedQuery(sql)
                            .execute(tuple)
                            .map(rows -> snapshot(rows.iterator().next(), null, marks));
            case MAYBE_REPLICA ->
                    Held.of(
                            pool,
                            connection ->
                                    connection
                                            .preparedQuery(REPLAYED)
                                            .execute()
                                            .map(rows -> rows.iterator().next().getString(0))
                                            .chain(lsn ->
                                                    connection
                                                            .preparedQuery(sql)
                                                            .execute(tuple)
                                                            .map(rows ->
                                                                    snapshot(
                                                                            rows.iterator().next(),
                                                                            lsn,
                                                                            marks))));
        };
    }

    /**
     * @param n the place of the array of 32-bit transaction numbers among the parameters
     */
    private static String snapshotOf(String query, int n) {
        return """
        select (select array_agg(x)
                from unnest($%d::bigint[]) x,
                     (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xmax) s
                where not pg_visible_in_snapshot((%s)::text::xid8, pg_current_snapshot())),
               pg_current_snapshot()::text,
               count(*),
               coalesce(jsonb_agg(to_jsonb(q)), '[]')::text
        from (
        %s
        ) q\
        """
                .formatted(n, fullXid("x", "xmax"), query);
    }

    /**
     * The 64-bit number that a 32-bit transaction number stands for: the one that lies nearest to
     * the end of the snapshot. That is right for whatever lies within two billion transactions of
     * it, before or after, and the server lets no older one live.
     */
    static String fullXid(String xid, String xmax) {
        return "%2$s + ((%1$s - %2$s + 2147483648) & 4294967295) - 2147483648".formatted(xid, xmax);
    }

    /**
     * @param replayed what a replica had replayed before; its snapshot does not know what runs on
     *     the primary, so a commit counts as seen once it was replayed before the read began
     */
    private static Snapshot snapshot(Row row, @Nullable String replayed, Set<Mark> marks) {
        Set<Mark> unseen = new LinkedHashSet<>();
        Long position = replayed == null ? null : Long.parseUnsignedLong(replayed);
        if (position != null) {
            marks.stream()
                    .filter(mark -> Long.compareUnsigned(mark.commit(), position) >= 0)
                    .forEach(unseen::add);
        } else {
            Long @Nullable [] numbers = row.getArrayOfLongs(0);
            Set<Long> xids = numbers == null ? Set.of() : Set.of(numbers);
            marks.stream()
                    .filter(mark -> xids.contains(Integer.toUnsignedLong(mark.xid())))
                    .forEach(unseen::add);
        }
        return new Snapshot(row.getString(3), row.getLong(2), row.getString(1), position, unseen);
    }

    @Override
    public Uni<Long> scan(Query query, List<String> texts, Function<Page, Uni<Void>> each) {
        Uni<Long> scan =
                Held.of(
                        pool,
                        connection ->
                                connection
                                        .query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                                        .execute()
                                        .chain(() ->
                                                connection
                                                        .query("select pg_current_snapshot()::text")
                                                        .execute())
                                        .map(rows -> rows.iterator().next().getString(0))
                                        .chain(snapshot ->
                                                new Scan(connection, snapshot, texts.size(), each)
                                                        .run(scanOf(query.text(), texts)))
                                        .onItemOrFailure()
                                        .call(() -> connection.query("ROLLBACK").execute()));
        return scan.onFailure().transform(failure -> PgFailure.of(failure, database));
    }

    /** Values as their types write them, which is as the log has them. */
    private static String scanOf(String query, List<String> texts) {
        StringBuilder sql = new StringBuilder("select to_jsonb(q)::text");
        for (String column : texts) {
            String name = "q.\"" + column.replace("\"", "\"\"") + "\"";
            sql.append(", case when num_nulls(").append(name).append(") = 0 then format('%s', ");
            sql.append(name).append(") end");
        }
        return sql.append(" from (\n").append(query).append("\n) q").toString();
    }

    /** One scan, over a cursor of the transaction that the connection is in. */
    private final class Scan {
        private static final int PAGE = 500;

        private final SqlConnection connection;
        private final String snapshot;
        private final int texts;
        private final Function<Page, Uni<Void>> each;
        private long rows;

        private Scan(
                SqlConnection connection,
                String snapshot,
                int texts,
                Function<Page, Uni<Void>> each) {
            this.connection = connection;
            this.snapshot = snapshot;
            this.texts = texts;
            this.each = each;
        }

        private Uni<Long> run(String sql) {
            return connection
                    .prepare(sql)
                    .chain(prepared -> {
                        Cursor cursor = prepared.cursor();
                        return pages(cursor).call(cursor::close).call(prepared::close);
                    });
        }

        private Uni<Long> pages(Cursor cursor) {
            return Multi.createBy()
                    .repeating()
                    .uni(() -> page(cursor))
                    .whilst(more -> more)
                    .collect()
                    .last()
                    .map(end -> rows);
        }

        private Uni<Boolean> page(Cursor cursor) {
            return cursor.read(PAGE)
                    .ifNoItem()
                    .after(timeout)
                    .failWith(() -> PgFailure.slow(database, timeout))
                    .chain(found -> {
                        List<ScannedRow> some = new ArrayList<>();
                        found.forEach(row -> some.add(row(row)));
                        rows += some.size();
                        return some.isEmpty()
                                ? Uni.createFrom().item(false)
                                : each.apply(new Page(snapshot, some)).map(ok -> cursor.hasMore());
                    });
        }

        private ScannedRow row(Row row) {
            List<@Nullable String> values = new ArrayList<>(texts);
            for (int i = 1; i <= texts; i++) {
                values.add(row.getString(i));
            }
            return new ScannedRow(row.getString(0), values);
        }
    }

    @Override
    public Uni<List<JsonObject>> rows(Query query, List<@Nullable String> values) {
        Uni<List<JsonObject>> read =
                types.text(query)
                        .map(text -> "select to_jsonb(q)::text from (\n" + text + "\n) q")
                        .chain(sql -> pool.preparedQuery(sql).execute(tuple(values)))
                        .map(PgQueries::objects);
        return guarded(query, read);
    }

    private static List<JsonObject> objects(RowSet<Row> rows) {
        List<JsonObject> objects = new ArrayList<>();
        rows.forEach(row -> objects.add(new JsonObject(row.getString(0))));
        return objects;
    }

    @Override
    public Uni<List<String>> columns(Query query) {
        List<@Nullable String> nulls = Arrays.asList(new @Nullable String[query.parameters()]);
        Uni<List<String>> names =
                types.ask(query)
                        .map(found -> "select * from (\n" + query.text(found) + "\n) q limit 0")
                        .chain(sql -> pool.preparedQuery(sql).execute(tuple(nulls)))
                        .map(RowSet::columnsNames);
        return guarded(query, names);
    }

    private static Tuple tuple(List<@Nullable String> values) {
        Tuple tuple = Tuple.tuple();
        values.forEach(tuple::addString);
        return tuple;
    }

    private <T> Uni<T> guarded(Query query, Uni<T> work) {
        return work.ifNoItem()
                .after(timeout)
                .failWith(() -> PgFailure.slow(database, timeout))
                .onFailure()
                .invoke(() -> types.forget(query))
                .onFailure()
                .transform(failure -> PgFailure.of(failure, database));
    }
}
