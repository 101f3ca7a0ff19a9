package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.monitor.DeadLetters.DeadLetter;
import dev.walmonitor.monitor.DeadLetters.RuleOf;
import dev.walmonitor.monitor.DeadLetters.Selection;
import dev.walmonitor.pipeline.ParkedChange;
import dev.walmonitor.pipeline.ParkedChange.Place;
import dev.walmonitor.pipeline.ParkingStore.Standing;
import dev.walmonitor.source.SourceProfile;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is parked, in a real database. */
@QuarkusTest
@TestProfile(MonitorProfile.class)
class ParkedChangesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00.123456Z");
    private static final Relation TABLE =
            new Relation(
                    70_000,
                    new TableName("shop", "Odd \"items\""),
                    ReplicaIdentity.DEFAULT,
                    List.of(
                            new Column("id", 23, -1, true),
                            new Column("name", 25, -1, false),
                            new Column("blob", 17, 7, false)),
                    List.of(0));

    @Inject Schema schema;
    @Inject MonitorDatabase database;
    @Inject Pool pool;
    @Inject SourceRepository sources;
    @Inject ParkedChanges parked;
    @Inject DeadLetters letters;

    private final String source = "parking-" + System.nanoTime();

    @BeforeEach
    void tables() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
        var _ =
                get(
                        database.ask(() ->
                                sources.register(new SourceProfile(source, "postgresql", null))));
    }

    private static <T> T get(Uni<T> answer) {
        return answer.await().atMost(PATIENCE);
    }

    private RowChange insert(long commit, int ordinal, String name) {
        return new RowChange.Insert(
                transaction(commit, (int) commit),
                ordinal,
                Row.of(
                        TABLE,
                        new ColumnValue.Text("1"),
                        new ColumnValue.Text(name),
                        ColumnValue.Null.NULL));
    }

    private Transaction transaction(long commit, int xid) {
        return new Transaction(source, 3, new Lsn(commit), NOON, xid);
    }

    private ParkedChange park(RowChange change, @Nullable String mark, Long... keys) {
        return new ParkedChange(
                0,
                1,
                "r",
                change,
                List.of(keys),
                mark,
                change.transaction().commit(),
                Set.of(change.transaction().xid()),
                100,
                2,
                NOON,
                "no luck",
                false);
    }

    private List<ParkedChange> page(@Nullable Place after, int rows, long bytes) {
        return get(parked.page(source, "r", after, rows, bytes));
    }

    private List<ParkedChange> all() {
        return page(null, 1_000, 1 << 20);
    }

    /** However much waits: sorting all of it for each page took longer than doing it. */
    @Test
    void aPageIsReadAlongTheIndexAndNothingIsSorted() {
        String explain = "EXPLAIN " + ParkedChanges.PAGE;
        List<String> plan = new ArrayList<>();
        get(pool.withTransaction(connection ->
                connection
                        .query("SET LOCAL enable_seqscan = off")
                        .execute()
                        .chain(() ->
                                connection
                                        .preparedQuery(explain)
                                        .execute(
                                                Tuple.of(source, "r", -1L, "0/0", -1)
                                                        .addInteger(500)
                                                        .addLong(1L << 22)))))
                .forEach(line -> plan.add(line.getString(0)));
        assertThat(plan)
                .anyMatch(line -> line.contains("parked_change_order"))
                .noneMatch(line -> line.contains("Sort"));
    }

    @Test
    void everyKindOfChangeComesBackAsItWas() {
        Row whole =
                Row.of(
                        TABLE,
                        new ColumnValue.Text("1"),
                        new ColumnValue.Text("quote \" brace { tab \t é 🙂 \\u0041"),
                        new ColumnValue.Binary(new byte[] {0, -1, 127}));
        Row partly =
                Row.of(
                        TABLE,
                        new ColumnValue.Text("1"),
                        ColumnValue.Absent.ABSENT,
                        ColumnValue.Null.NULL);
        Transaction in = transaction(0xFFFF_FFFF_0000_0010L, -5);
        List<RowChange> changes =
                List.of(
                        new RowChange.Insert(in, 0, whole),
                        new RowChange.Update(in, 1, null, partly),
                        new RowChange.Update(in, 2, partly, whole),
                        new RowChange.Delete(in, 3, partly),
                        new RowChange.Truncate(in, 4, TABLE, true, false));
        get(parked.park(source, changes.stream().map(c -> park(c, null, 7L, -9L)).toList()));

        List<ParkedChange> back = all();
        assertThat(back).hasSize(5);
        for (int i = 0; i < 5; i++) {
            RowChange is = back.get(i).change();
            RowChange was = changes.get(i);
            assertThat(is.getClass()).isEqualTo(was.getClass());
            assertThat(is.transaction()).isEqualTo(was.transaction());
            assertThat(is.ordinal()).isEqualTo(i);
            assertThat(values(is.before())).isEqualTo(values(was.before()));
            assertThat(values(is.after())).isEqualTo(values(was.after()));
            assertThat(is.relation().columns()).isEqualTo(TABLE.columns());
            assertThat(is.relation().key()).isEqualTo(TABLE.key());
            assertThat(is.relation().table()).isEqualTo(TABLE.table());
            assertThat(is.relation()).isSameAs(back.getFirst().change().relation());
        }
        assertThat(back.getLast().change())
                .isInstanceOfSatisfying(
                        RowChange.Truncate.class,
                        truncate ->
                                assertThat(truncate)
                                        .returns(true, RowChange.Truncate::cascade)
                                        .returns(false, RowChange.Truncate::restartIdentity));
        assertThat(back.getFirst())
                .returns(List.of(-9L, 7L), change -> new ArrayList<>(new TreeSet<>(change.keys())))
                .returns(Set.of(-5), ParkedChange::xids)
                .returns(2, ParkedChange::attempts)
                .returns("no luck", ParkedChange::error)
                .returns(NOON, ParkedChange::due);
    }

    private static @Nullable List<ColumnValue> values(@Nullable Row row) {
        return row == null ? null : row.values();
    }

    @Test
    void pagesAreInTheOrderOfTheLogAndNoLargerThanAsked() {
        List<ParkedChange> some = new ArrayList<>();
        for (long commit : List.of(0x30L, 0xF000_0000_0000_0000L, 0x10L, 0x20L)) {
            some.add(park(insert(commit, 1, "b"), null, 1L));
            some.add(park(insert(commit, 0, "a"), null, 1L));
        }
        get(parked.park(source, some));

        assertThat(page(null, 3, 1 << 20).stream().map(row -> row.change().id().toString()))
                .containsExactly("0/10:0", "0/10:1", "0/20:0");
        Place third = page(null, 3, 1 << 20).getLast().place();
        assertThat(page(third, 100, 1 << 20).stream().map(row -> row.change().id().toString()))
                .containsExactly("0/20:1", "0/30:0", "0/30:1", "F0000000/0:0", "F0000000/0:1");
        assertThat(page(null, 100, 250)).hasSize(3);
        assertThat(page(null, 100, 1)).hasSize(1);
    }

    @Test
    void whatIsToldAgainWhileItIsDoneIsKept() {
        get(parked.park(source, List.of(park(insert(0x10, 0, "a"), null, 1L))));
        List<ParkedChange> first = all();
        get(
                parked.park(
                        source,
                        List.of(
                                park(insert(0x10, 0, "a"), null, 2L),
                                park(insert(0x10, 0, "a"), null, 3L))));
        get(parked.settle(first, List.of()));
        List<ParkedChange> second = all();
        assertThat(second).hasSize(1);
        assertThat(second.getFirst().keys()).containsExactlyInAnyOrder(1L, 2L, 3L);

        get(parked.settle(second, List.of()));
        assertThat(all()).isEmpty();
    }

    @Test
    void ofOneMarkTheLatestIsKeptForAllTransactions() {
        get(
                parked.park(
                        source,
                        List.of(
                                park(insert(0x20, 0, "second"), "m"),
                                park(insert(0x10, 0, "first"), "m"),
                                park(insert(0x10, 1, "other"), "n"))));
        get(parked.park(source, List.of(park(insert(0x30, 0, "third"), "m"))));
        get(parked.park(source, List.of(park(insert(0x18, 0, "late"), "m"))));

        List<ParkedChange> rows = all();
        assertThat(rows.stream().map(row -> row.change().id().toString()))
                .containsExactly("0/10:1", "0/30:0");
        assertThat(rows.getLast())
                .returns(Set.of(0x10, 0x18, 0x20, 0x30), ParkedChange::xids)
                .returns(new Lsn(0x10), ParkedChange::first)
                .returns(
                        "third",
                        row -> row.change().row() == null ? "" : row.change().row().text("name"));

        get(parked.park(source, List.of(park(insert(1L << 30, 0, "far away"), "m"))));
        assertThat(all()).hasSize(3);
    }

    @Test
    void whatIsKnownOfARuleIsFoundAgain() {
        get(
                parked.park(
                        source,
                        List.of(
                                park(insert(0x10, 0, "a"), null, 1L, 2L),
                                park(insert(0x20, 0, "b"), null, 2L),
                                park(insert(0x30, 0, "c"), null, 5L))));
        List<ParkedChange> rows = all();
        get(parked.settle(List.of(), List.of(dead(rows.getFirst(), "hopeless"))));
        get(parked.pause(source, "q", "by hand"));

        Map<String, Standing> found = get(parked.load(source));
        assertThat(found).containsOnlyKeys("r", "q");
        assertThat(found.get("r"))
                .returns(2L, Standing::parked)
                .returns(1L, Standing::dead)
                .returns(Map.of(2L, 1, 5L, 1), Standing::keys)
                .returns(Set.of(rows.getFirst().shape()), Standing::shapes)
                .returns(new Place(3, new Lsn(0x20), 0), Standing::oldest)
                .returns(new Place(3, new Lsn(0x30), Integer.MAX_VALUE), Standing::latest)
                .returns(new Place(3, new Lsn(0x10), 0), Standing::oldestDead)
                .returns(null, Standing::paused);
        assertThat(found.get("q")).returns("by hand", Standing::paused);

        get(parked.pause(source, "q", null));
        assertThat(get(parked.load(source))).containsOnlyKeys("r");
    }

    private static ParkedChange dead(ParkedChange of, String why) {
        return new ParkedChange(
                of.id(),
                of.version(),
                of.rule(),
                of.change(),
                of.keys(),
                of.mark(),
                of.first(),
                of.xids(),
                of.weight(),
                of.attempts() + 1,
                of.due(),
                why,
                true);
    }

    @Test
    void deadLettersAreListedRetriedDiscardedAndExpire() {
        get(
                parked.park(
                        source,
                        List.of(
                                park(insert(0x10, 0, "a"), null, 1L),
                                park(insert(0x20, 0, "b"), null, 2L))));
        get(parked.settle(List.of(), all().stream().map(row -> dead(row, "hopeless")).toList()));
        assertThat(all()).isEmpty();

        Selection mine = new Selection(List.of(), source, "r", "shop.Odd \"items\"");
        List<DeadLetter> dead = get(letters.list(mine, 0, 10));
        assertThat(dead.stream().map(DeadLetter::change)).containsExactly("0/10:0", "0/20:0");
        assertThat(dead.getFirst())
                .returns(3, DeadLetter::attempts)
                .returns("hopeless", DeadLetter::error)
                .returns("INSERT", DeadLetter::operation);
        assertThat(get(letters.list(mine, dead.getFirst().id(), 10))).hasSize(1);

        Selection first = new Selection(List.of(dead.getFirst().id()), null, null, null);
        assertThat(get(letters.retry(first))).isEqualTo(Map.of(new RuleOf(source, "r"), 1L));
        assertThat(all()).singleElement().returns(0, ParkedChange::attempts);

        assertThat(get(letters.expire(Duration.ofDays(1)))).isZero();
        assertThat(get(letters.discard(mine))).isEqualTo(Map.of(new RuleOf(source, "r"), 1L));
        assertThat(get(letters.list(mine, 0, 10))).isEmpty();
        assertThat(get(letters.discard(mine))).isEmpty();
    }
}
