package dev.walmonitor.sink.sql;

import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
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
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Queries on PostgreSQL. Thread-safe.
 *
 * <p>A value can be sent as text only if the statement says which type it is to become. The server
 * is asked once a query what it takes each value for, and every value is cast to that; the answer
 * is forgotten when the query fails, as a table may have been altered.
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
    private final Map<Query, List<String>> types = new ConcurrentHashMap<>();

    /**
     * @param database what to call it in messages, such as {@code the database of source main}
     * @param timeout how long a query may take
     */
    public PgQueries(Pool pool, String database, Duration timeout) {
        this.pool = pool;
        this.database = database;
        this.timeout = timeout;
    }

    @Override
    public Uni<Snapshot> snapshot(Query query, List<@Nullable String> values, Set<Integer> xids) {
        Long[] numbers = xids.stream().map(Integer::toUnsignedLong).toArray(Long[]::new);
        Uni<Snapshot> read =
                typed(query)
                        .map(text -> snapshotOf(text, values.size() + 1))
                        .chain(sql ->
                                pool.preparedQuery(sql)
                                        .execute(tuple(values).addArrayOfLong(numbers)))
                        .map(rows -> snapshot(rows.iterator().next()));
        return guarded(query, read);
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

    private static Snapshot snapshot(Row row) {
        Long @Nullable [] numbers = row.getArrayOfLongs(0);
        Set<Integer> unseen = new LinkedHashSet<>();
        if (numbers != null) {
            for (Long number : numbers) {
                unseen.add(number.intValue());
            }
        }
        return new Snapshot(row.getString(3), row.getLong(2), row.getString(1), unseen);
    }

    @Override
    public Uni<List<JsonObject>> rows(Query query, List<@Nullable String> values) {
        Uni<List<JsonObject>> read =
                typed(query)
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
                ask(query)
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

    private Uni<String> typed(Query query) {
        List<String> known = query.parameters() == 0 ? List.of() : types.get(query);
        return (known != null ? Uni.createFrom().item(known) : ask(query)).map(query::text);
    }

    /** What the server takes each value for. */
    private Uni<List<String>> ask(Query query) {
        return pool.withConnection(connection -> ask(connection, query.text()))
                .invoke(found -> {
                    if (found.size() != query.parameters()) {
                        throw new SinkException(
                                "A query has "
                                        + found.size()
                                        + " parameters where "
                                        + query.parameters()
                                        + " placeholders stand; a placeholder may not stand"
                                        + " within quotes or a comment",
                                false);
                    }
                    types.put(query, found);
                });
    }

    private static Uni<List<String>> ask(SqlConnection connection, String statement) {
        return connection
                .prepare(statement)
                .chain(prepared ->
                        connection
                                .preparedQuery(
                                        "select parameter_types::text[] from"
                                                + " pg_prepared_statements where statement = $1")
                                .execute(Tuple.of(statement))
                                .call(prepared::close))
                .map(rows -> List.of(rows.iterator().next().getArrayOfStrings(0)));
    }

    private <T> Uni<T> guarded(Query query, Uni<T> work) {
        return work.ifNoItem()
                .after(timeout)
                .failWith(() -> PgFailure.slow(database, timeout))
                .onFailure()
                .invoke(() -> types.remove(query))
                .onFailure()
                .transform(failure -> PgFailure.of(failure, database));
    }
}
