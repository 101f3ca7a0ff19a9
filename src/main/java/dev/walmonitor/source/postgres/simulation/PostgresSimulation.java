package dev.walmonitor.source.postgres.simulation;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Simulation;
import dev.walmonitor.source.SourceException;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.WireConnection;
import dev.walmonitor.source.postgres.wire.WireException;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Changes in the tables of one PostgreSQL database, over one connection. Owned by one caller, who
 * waits for each answer.
 */
public final class PostgresSimulation implements Simulation {
    /** Of a hundred deeds so many are inserts, and so many deletes; the rest are updates. */
    private static final int INSERTS = 30;

    private static final int DELETES = 15;
    private static final int MOST_ROWS = 500;

    /** A table that refuses so often in a row is left alone. */
    private static final int PATIENCE = 5;

    private static final String DEMO =
            "select to_regclass('public.ticket_numbers') is not null and to_regclass('public.departments') is not null"
                    + " and to_regclass('public.tickets') is not null and inet_server_addr() << '127.0.0.0/8'";

    private final Vertx vertx;
    private final WireOptions wire;
    private final RandomGenerator random;
    private final List<SampleTable> tables = new ArrayList<>();
    private final List<SampleTable> touched = new ArrayList<>();
    private final Map<TableName, Integer> refusals = new LinkedHashMap<>();
    private @Nullable WireConnection connection;

    public PostgresSimulation(Vertx vertx, WireOptions wire, RandomGenerator random) {
        this.vertx = vertx;
        this.wire = wire.withoutReplication().withApplicationName("wal-monitor simulate");
        this.random = random;
    }

    @Override
    public Uni<Plan> plan(Predicate<TableName> wanted) {
        return uni(
                WireConnection.connect(vertx, wire)
                        .compose(open -> {
                            connection = open;
                            return open.query(SampleTable.COLUMNS)
                                    .compose(columns ->
                                            open.query(DEMO)
                                                    .map(demo -> plan(wanted, columns, demo)));
                        }));
    }

    private Plan plan(Predicate<TableName> wanted, QueryResult columns, QueryResult demo) {
        Map<TableName, List<SampleColumn>> all = new LinkedHashMap<>();
        for (List<@Nullable String> row : columns.rows()) {
            TableName name = new TableName(text(row, 0), text(row, 1));
            if (wanted.test(name)) {
                all.computeIfAbsent(name, n -> new ArrayList<>()).add(column(row));
            }
        }
        List<String> left = new ArrayList<>();
        all.forEach((name, list) -> {
            SampleTable table = new SampleTable(name, list);
            String unfit = table.unfit();
            if (unfit == null) {
                tables.add(table);
            } else {
                left.add("Table " + name + " is left alone: " + unfit + ".");
            }
        });
        touched.addAll(tables);
        return new Plan(
                tables.stream().map(SampleTable::name).toList(),
                left,
                "t".equals(demo.rows().getFirst().getFirst()));
    }

    private static SampleColumn column(List<@Nullable String> row) {
        boolean key = isTrue(row, 7);
        boolean unique = isTrue(row, 8);
        // a default is of use for keys; other columns are more like life when they are copied
        boolean made = isTrue(row, 11) || (isTrue(row, 6) && (key || unique));
        return new SampleColumn(
                text(row, 2),
                text(row, 3),
                text(row, 4).charAt(0),
                isTrue(row, 5),
                made,
                key,
                unique,
                isTrue(row, 9),
                row.get(10));
    }

    @Override
    public Uni<Deed> next() {
        if (tables.isEmpty()) {
            return Uni.createFrom()
                    .failure(failure("Every table has refused to be written to.", null));
        }
        SampleTable table = tables.get(random.nextInt(tables.size()));
        int rows = table.rows().size();
        int dice = random.nextInt(100);
        if (rows == 0 || (dice < INSERTS && rows < MOST_ROWS)) {
            return insert(table);
        }
        int row = random.nextInt(rows);
        String update = dice < 100 - DELETES ? table.update(row, random) : null;
        return update == null ? delete(table, row) : run(table, Operation.UPDATE, update);
    }

    private Uni<Deed> insert(SampleTable table) {
        return deed(
                table,
                Operation.INSERT,
                query(table.insert()).onSuccess(made -> table.rows().addAll(made.rows())));
    }

    private Uni<Deed> delete(SampleTable table, int row) {
        String delete = table.delete(row);
        table.rows().remove(row);
        return run(table, Operation.DELETE, delete);
    }

    private Uni<Deed> run(SampleTable table, Operation operation, String sql) {
        return deed(table, operation, query(sql));
    }

    private Uni<Deed> deed(SampleTable table, Operation operation, Future<QueryResult> work) {
        return uni(
                work.map(
                                done -> {
                                    refusals.remove(table.name());
                                    return new Deed(table.name(), operation, null);
                                })
                        .recover(refused -> refused(table, operation, refused)));
    }

    private Future<Deed> refused(SampleTable table, Operation operation, Throwable why) {
        if (!(why instanceof WireException.ServerError)) {
            return Future.failedFuture(why);
        }
        if (refusals.merge(table.name(), 1, Integer::sum) >= PATIENCE) {
            tables.remove(table);
        }
        return Future.succeededFuture(
                new Deed(table.name(), operation, String.valueOf(why.getMessage())));
    }

    private Future<QueryResult> query(String sql) {
        WireConnection open = connection;
        return open == null
                ? Future.failedFuture(new IllegalStateException("There is no plan yet"))
                : open.query(sql);
    }

    /** Again as long as something goes: rows may refer to one another. */
    @Override
    public Uni<Integer> tidyUp() {
        return uni(sweep());
    }

    private Future<Integer> sweep() {
        int before = rows();
        Future<Void> all = Future.succeededFuture();
        for (SampleTable table : touched) {
            for (List<@Nullable String> key : List.copyOf(table.rows())) {
                all =
                        all.compose(ok -> {
                            int row = table.rows().indexOf(key);
                            return query(table.delete(row))
                                    .map(gone -> {
                                        table.rows().remove(row);
                                        return (Void) null;
                                    })
                                    .recover(refused -> Future.succeededFuture());
                        });
            }
        }
        return all.compose(
                ok -> rows() == 0 || rows() == before ? Future.succeededFuture(rows()) : sweep());
    }

    private int rows() {
        return touched.stream().mapToInt(table -> table.rows().size()).sum();
    }

    @Override
    public Uni<Void> close() {
        WireConnection open = connection;
        return Uni.createFrom()
                .completionStage(
                        (open == null ? Future.<Void>succeededFuture() : open.close())
                                .toCompletionStage())
                .onFailure()
                .recoverWithNull();
    }

    private static <T> Uni<T> uni(Future<T> work) {
        return Uni.createFrom()
                .completionStage(work.toCompletionStage())
                .onFailure()
                .transform(why ->
                        failure(
                                String.valueOf(why.getMessage()),
                                "Check the source's URL (DATABASE_URL)."));
    }

    private static SourceException failure(String sentence, @Nullable String remedy) {
        return new SourceException(
                new SourceFailure(SourceState.FAILED, "simulation", sentence, remedy, Retry.NEVER));
    }

    private static String text(List<@Nullable String> row, int column) {
        return String.valueOf(row.get(column));
    }

    private static boolean isTrue(List<@Nullable String> row, int column) {
        return "t".equals(row.get(column));
    }
}
