package dev.walmonitor.sink.sql;

import dev.walmonitor.change.TableName;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Statements on PostgreSQL, each in one transaction with its entry in the ledger. Thread-safe.
 *
 * <p>Whose connection is lost does not know whether his transaction was committed, and it may be
 * under way still. Entering the change again waits for that transaction to end, and then finds its
 * entry, or takes its place.
 */
public final class PgStatements implements Statements {

    /** Serializes those who make a ledger at the same time; any number that nobody else takes. */
    private static final String ONE_AT_A_TIME = "select pg_advisory_xact_lock(7203417596)";

    private static final String RELATED =
            """
            select distinct n.nspname, c.relname
            from unnest($1::text[], $2::text[]) as written(schema, name)
            join pg_namespace s on s.nspname = written.schema
            join pg_class t on t.relnamespace = s.oid and t.relname = written.name
            cross join lateral (
                select t.oid as related
                union
                select relid::oid from pg_partition_tree(coalesce(pg_partition_root(t.oid), t.oid))
            ) r
            join pg_class c on c.oid = r.related
            join pg_namespace n on n.oid = c.relnamespace
            """;

    private final Pool pool;
    private final ParameterTypes types;
    private final String database;
    private final Duration timeout;
    private final Ledger ledger;
    private volatile boolean ready;

    /**
     * What sessions of the pool have to be started with.
     *
     * @param timeout how long a statement may take; twice that a transaction that was left open, as
     *     by somebody whose connection was cut, may hold up everybody else
     */
    public static Map<String, String> session(Duration timeout) {
        return Map.of(
                "TimeZone", "UTC",
                "DateStyle", "ISO",
                "IntervalStyle", "postgres",
                "bytea_output", "hex",
                "extra_float_digits", "1",
                "default_transaction_isolation", "read committed",
                "statement_timeout", timeout.toMillis() + "ms",
                "idle_in_transaction_session_timeout", 2 * timeout.toMillis() + "ms");
    }

    /**
     * @param database what to call it in messages, such as {@code the datasource shop}
     * @param timeout how long one change may take
     * @param ledgerSchema where the ledger is or is made
     */
    public PgStatements(Pool pool, String database, Duration timeout, String ledgerSchema) {
        this.pool = pool;
        this.types = new ParameterTypes(pool);
        this.database = database;
        this.timeout = timeout;
        this.ledger = Ledger.in(ledgerSchema);
    }

    @Override
    public Uni<OptionalLong> apply(Query statement, List<@Nullable String> values, Entry entry) {
        Uni<OptionalLong> applied =
                (ready ? Uni.createFrom().voidItem() : make())
                        .chain(() -> types.text(statement))
                        .chain(sql -> Held.inTransaction(pool, to -> once(to, sql, values, entry)));
        return guarded(applied)
                .onFailure()
                .invoke(() -> {
                    ready = false;
                    types.forget(statement);
                });
    }

    private Uni<OptionalLong> once(
            SqlConnection to, String sql, List<@Nullable String> values, Entry entry) {
        return to.preparedQuery(ledger.enter())
                .execute(row(entry))
                .chain(entered ->
                        entered.rowCount() == 0
                                ? Uni.createFrom().item(OptionalLong.empty())
                                : to.preparedQuery(sql)
                                        .execute(tuple(values))
                                        .map(rows -> OptionalLong.of(written(rows))));
    }

    /** A SELECT writes nothing by itself. */
    private static long written(RowSet<Row> rows) {
        return rows.columnsNames() == null || rows.columnsNames().isEmpty() ? rows.rowCount() : 0;
    }

    private static Tuple row(Entry entry) {
        return Tuple.tuple()
                .addString(entry.source())
                .addLong(entry.epoch())
                .addString(entry.rule())
                .addBigDecimal(number(entry.commit()))
                .addInteger(entry.ordinal());
    }

    private static BigDecimal number(long unsigned) {
        return new BigDecimal(Long.toUnsignedString(unsigned));
    }

    private static Tuple tuple(List<@Nullable String> values) {
        Tuple tuple = Tuple.tuple();
        values.forEach(tuple::addString);
        return tuple;
    }

    /** Who may not make what is missing may use what somebody else has made. */
    private Uni<Void> make() {
        return standing()
                .chain(standing ->
                        standing.table()
                                ? Uni.createFrom().voidItem()
                                : Held.inTransaction(
                                        pool,
                                        to ->
                                                to.query(ONE_AT_A_TIME)
                                                        .execute()
                                                        .chain(() ->
                                                                standing.schema()
                                                                        ? Uni.createFrom()
                                                                                .voidItem()
                                                                        : to.query(
                                                                                        ledger
                                                                                                .makeSchema())
                                                                                .execute()
                                                                                .replaceWithVoid())
                                                        .chain(() ->
                                                                to.query(ledger.make()).execute())
                                                        .replaceWithVoid()))
                .invoke(() -> ready = true);
    }

    /** How the ledger stands, and what the role may; a right to what is not there is none. */
    private record Standing(
            boolean table,
            boolean schema,
            boolean mayUse,
            boolean mayMakeTable,
            boolean mayMakeSchema,
            String role) {

        private static Standing of(Row row) {
            return new Standing(
                    row.getBoolean(0),
                    row.getBoolean(1),
                    Boolean.TRUE.equals(row.getBoolean(2)),
                    Boolean.TRUE.equals(row.getBoolean(3)),
                    Boolean.TRUE.equals(row.getBoolean(4)),
                    row.getString(5));
        }

        private boolean suffices() {
            return table ? mayUse : schema ? mayMakeTable : mayMakeSchema;
        }
    }

    private Uni<Standing> standing() {
        return pool.preparedQuery(Ledger.STANDING)
                .execute(Tuple.of(ledger.table().schema(), ledger.table().name()))
                .map(rows -> Standing.of(rows.iterator().next()));
    }

    @Override
    public Uni<Optional<String>> ledgerFault() {
        return guarded(standing().map(this::fault));
    }

    private Optional<String> fault(Standing standing) {
        return standing.suffices()
                ? Optional.empty()
                : Optional.of(
                        "the role "
                                + standing.role()
                                + " may not "
                                + (standing.table() ? "use" : "make")
                                + " the table "
                                + ledger.table()
                                + " in "
                                + database
                                + ". Let its owner run: "
                                + ledger.mend(standing.role()));
    }

    @Override
    public TableName ledger() {
        return ledger.table();
    }

    @Override
    public Uni<Set<TableName>> targets(Query statement) {
        List<@Nullable String> nulls = Arrays.asList(new @Nullable String[statement.parameters()]);
        return guarded(
                types.ask(statement)
                        .map(known ->
                                "explain (verbose, costs off, format json) "
                                        + statement.text(known))
                        .chain(sql -> pool.preparedQuery(sql).execute(tuple(nulls)))
                        .map(rows -> Targets.of(rows.iterator().next().getValue(0)))
                        .chain(this::related));
    }

    private Uni<Set<TableName>> related(Set<TableName> targets) {
        if (targets.isEmpty()) {
            return Uni.createFrom().item(targets);
        }
        String[] schemas = targets.stream().map(TableName::schema).toArray(String[]::new);
        String[] names = targets.stream().map(TableName::name).toArray(String[]::new);
        return pool.preparedQuery(RELATED)
                .execute(Tuple.tuple().addArrayOfString(schemas).addArrayOfString(names))
                .map(rows -> {
                    Set<TableName> all = new LinkedHashSet<>(targets);
                    rows.forEach(row -> all.add(new TableName(row.getString(0), row.getString(1))));
                    return all;
                });
    }

    @Override
    public Uni<String> identity() {
        return guarded(
                pool.query(IDENTITY.text())
                        .execute()
                        .map(rows -> rows.iterator().next().getString(0)));
    }

    @Override
    public Uni<Integer> forget(String source, long epoch, long commit, int most) {
        Tuple row =
                Tuple.tuple()
                        .addString(source)
                        .addLong(epoch)
                        .addBigDecimal(number(commit))
                        .addInteger(most);
        return guarded(
                standing()
                        .chain(standing ->
                                standing.table()
                                        ? pool.preparedQuery(ledger.forget())
                                                .execute(row)
                                                .map(RowSet::rowCount)
                                        : Uni.createFrom().item(0)));
    }

    private <T> Uni<T> guarded(Uni<T> work) {
        return work.ifNoItem()
                .after(timeout.plusSeconds(1))
                .failWith(() ->
                        new SinkException(
                                "A statement in "
                                        + database
                                        + " took longer than "
                                        + timeout.toMillis()
                                        + " ms",
                                true))
                .onFailure()
                .transform(failure -> PgFailure.ofStatement(failure, database));
    }
}
