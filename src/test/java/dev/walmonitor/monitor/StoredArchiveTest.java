package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeArchive;
import dev.walmonitor.handler.ChangeArchive.Archived;
import dev.walmonitor.handler.ChangeArchive.Place;
import dev.walmonitor.handler.ChangeArchive.Wanted;
import dev.walmonitor.sink.SinkException;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(MonitorProfile.class)
class StoredArchiveTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Instant NOON = Instant.parse("2026-01-10T12:00:00.123456Z");
    private static final Relation ORDERS =
            new Relation(
                    -5,
                    new TableName("shop", "Orders"),
                    ReplicaIdentity.FULL,
                    List.of(
                            new Column("id", 23, -1, true),
                            new Column("no", 25, -1, true),
                            new Column("price", 1700, 655366, true),
                            new Column("geo", 600, -1, true)),
                    List.of(0, 1));

    @Inject Schema schema;
    @Inject MonitorDatabase database;
    @Inject ChangeArchive archive;
    @Inject Pool pool;

    /** A source of each test's own. */
    private final String source = "archive-" + UUID.randomUUID();

    @BeforeEach
    void tables() {
        await().atMost(PATIENCE).until(() -> schema.state() instanceof Schema.State.Ready);
    }

    @Test
    void whatIsReadIsWhatWasStored() {
        List<RowChange> changes =
                List.of(
                        new RowChange.Insert(
                                at(1, -1, NOON),
                                0,
                                row("1", "a:b", null, ColumnValue.Absent.ABSENT)),
                        new RowChange.Update(
                                at(2, 7, NOON),
                                0,
                                row(
                                        "1",
                                        "a:b",
                                        "10.00",
                                        new ColumnValue.Binary(new byte[] {0, -1})),
                                row("1", "c", "1e5", text("(1,2)"))),
                        new RowChange.Update(
                                at(2, 7, NOON),
                                1,
                                null,
                                row("1", "\u00e4 \"\\\ud83d\ude00\n", "", text("x"))),
                        new RowChange.Delete(at(-9, 7, NOON), 0, row("1", "c", "NaN", text("x"))),
                        new RowChange.Truncate(at(-8, 7, NOON), 3, ORDERS, true, false));

        assertThat(store("r", changes)).isEqualTo(5);
        List<Archived> read = read(all());

        assertThat(read).hasSameSizeAs(changes);
        for (int i = 0; i < changes.size(); i++) {
            RowChange was = changes.get(i);
            RowChange is = read.get(i).change();
            assertThat(is.transaction()).isEqualTo(was.transaction());
            assertThat(is.ordinal()).isEqualTo(was.ordinal());
            assertThat(is).hasSameClassAs(was);
            assertThat(StoredRows.change(is)).isEqualTo(StoredRows.change(was));
            assertThat(StoredRows.shape(is.relation())).isEqualTo(StoredRows.shape(ORDERS));
            assertThat(read.get(i).rule()).isEqualTo("r");
            assertThat(read.get(i).envelope()).isEqualTo(envelope(was));
        }
        assertThat(read.get(1).change().before())
                .isNotNull()
                .satisfies(row ->
                        assertThat(row.value(3))
                                .isEqualTo(new ColumnValue.Binary(new byte[] {0, -1})));
        assertThat(read.getFirst().change().relation())
                .isSameAs(read.getLast().change().relation());
    }

    @Test
    void whatComesAgainIsThereOnce() {
        List<RowChange> changes = inserts(1, 300);

        assertThat(store("r", changes.subList(0, 200))).isEqualTo(200);
        assertThat(store("r", changes)).isEqualTo(100);
        assertThat(store("other", changes.subList(0, 10))).as("another rule").isEqualTo(10);
        assertThat(
                        Uni.join()
                                .all(
                                        archive.store(archived("r", inserts(301, 200))),
                                        archive.store(archived("r", inserts(401, 200))),
                                        archive.store(archived("r", inserts(301, 300))))
                                .andFailFast()
                                .await()
                                .atMost(PATIENCE)
                                .stream()
                                .mapToInt(Integer::intValue)
                                .sum())
                .isEqualTo(300);
        assertThat(read(all())).as("each once, whoever stored it").hasSize(600);
        assertThat(
                        ask(
                                "select count(*) from wal_monitor.archived_relation where source = '"
                                        + source
                                        + "'"))
                .isEqualTo("1");
    }

    @Test
    void changesAreFoundByTableTimePositionAndPage() {
        assertThat(store("r", inserts(1, 50))).isEqualTo(50);
        Instant middle = NOON.plusSeconds(25);

        assertThat(lsns(all(), 1000)).hasSize(50).startsWith(1L, 2L).endsWith(49L, 50L);
        assertThat(lsns(new Wanted(source, ORDERS.table(), null, null, null, null, null, null), 9))
                .hasSize(9);
        assertThat(
                        lsns(
                                new Wanted(
                                        source,
                                        new TableName("shop", "orders"),
                                        null,
                                        null,
                                        null,
                                        null,
                                        null,
                                        null),
                                9))
                .isEmpty();
        assertThat(lsns(new Wanted(source, null, null, middle, null, null, null, null), 1000))
                .startsWith(25L)
                .hasSize(26);
        assertThat(lsns(new Wanted(source, null, null, null, middle, null, null, null), 1000))
                .endsWith(24L)
                .hasSize(24);
        assertThat(
                        lsns(
                                new Wanted(
                                        source,
                                        null,
                                        null,
                                        null,
                                        null,
                                        new Lsn(10),
                                        new Lsn(20),
                                        null),
                                1000))
                .startsWith(10L)
                .endsWith(19L);
        List<Long> paged = new ArrayList<>();
        Wanted page = all();
        for (List<Archived> found = read(page, 7); !found.isEmpty(); found = read(page, 7)) {
            RowChange last = found.getLast().change();
            found.forEach(one -> paged.add(one.change().transaction().commit().number()));
            page = page.after(new Place(last.transaction().epoch(), commit(last), last.ordinal()));
        }
        assertThat(paged).isEqualTo(lsns(all(), 1000));
    }

    private static Position commit(RowChange change) {
        return change.transaction().commit();
    }

    @Test
    void aRowIsFoundByItsKeysOldAndNewAndByTruncates() {
        String large = "k".repeat(5_000);
        assertThat(
                        store(
                                "r",
                                List.of(
                                        insert(1, "1", "a b"),
                                        insert(2, "2", "a b"),
                                        new RowChange.Update(
                                                at(3, 1, NOON),
                                                0,
                                                row("1", "a b"),
                                                row("1", large)),
                                        new RowChange.Truncate(
                                                at(4, 1, NOON), 0, ORDERS, false, false),
                                        insert(5, "1", large + "!"))))
                .isEqualTo(5);

        assertThat(lsns(key("1:a%20b"), 10)).containsExactly(1L, 3L, 4L);
        assertThat(lsns(key("1:" + large), 10)).containsExactly(3L, 4L);
        assertThat(lsns(key("1:" + large + "!"), 10)).containsExactly(4L, 5L);
        assertThat(lsns(key("1"), 10)).containsExactly(4L);
    }

    private Wanted key(String key) {
        return new Wanted(source, ORDERS.table(), key, null, null, null, null, null);
    }

    @Test
    void whatIsTooOldGoesByTheDay() {
        Instant now = Instant.parse("2031-05-20T06:00:00Z");
        for (int age = 0; age <= 12; age++) {
            Instant then = now.minus(Duration.ofDays(age));
            assertThat(store("long", List.of(insertAt(age + 1, then)))).isEqualTo(1);
            assertThat(store("short", List.of(insertAt(age + 101, then)))).isEqualTo(1);
        }

        tend(Map.of("long", Duration.ofDays(10), "short", Duration.ofDays(3)), now, 2);
        assertThat(lsns(all(), 100))
                .as("whole days, of either rule")
                .containsExactlyInAnyOrder(
                        1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 101L, 102L, 103L, 104L);
        assertThat(days("2031")).startsWith("20310510").endsWith("20310522");
        assertThat(store("long", List.of(insertAt(50, now.minus(Duration.ofDays(11))))))
                .as("a day that was dropped is made again")
                .isEqualTo(1);

        tend(Map.of(), now.plus(Duration.ofDays(4)), -1);
        assertThat(lsns(all(), 100)).as("the standard").containsExactly(1L, 2L, 101L, 102L);
        tend(Map.of(), now.plus(Duration.ofDays(40)), -1);
        assertThat(lsns(all(), 100)).isEmpty();
        assertThat(days("2031")).isEmpty();
    }

    private void tend(Map<String, Duration> retention, Instant now, int ahead) {
        archive.tend(retention, Duration.ofDays(5), now, ahead).await().atMost(PATIENCE);
    }

    private String days(String year) {
        return ask(
                "select coalesce(string_agg(right(relname, 8), ' ' order by relname), '') from pg_class"
                        + " where relkind = 'r' and relname like 'change_archive_"
                        + year
                        + "%'");
    }

    @Test
    void aPartitionThatAnotherInstanceDroppedIsMadeAgain() {
        Instant then = Instant.parse("2033-02-01T00:00:00Z");
        assertThat(store("r", List.of(insertAt(1, then)))).isEqualTo(1);
        assertThat(ask("with x as (select 1) select 1")).isEqualTo("1");
        drop("wal_monitor.change_archive_20330201");

        assertThatThrownBy(() -> store("r", List.of(insertAt(2, then))))
                .isInstanceOf(SinkException.class)
                .hasMessage(
                        "The archive has no partition for a change yet; it is made at the next attempt")
                .returns(true, failure -> ((SinkException) failure).isRetryable());
        assertThat(store("r", List.of(insertAt(2, then)))).isEqualTo(1);
    }

    @Test
    void aChangeThatCannotBeStoredSaysSo() {
        Archived bad = new Archived("r", insert(1, "1", "a"), "no json");

        assertThatThrownBy(() -> archive.store(List.of(bad)).await().atMost(PATIENCE))
                .isInstanceOf(SinkException.class)
                .hasMessage("The archive does not take a change: SQLSTATE 22P02")
                .returns(false, failure -> ((SinkException) failure).isRetryable());
    }

    private void drop(String table) {
        database.ask(() -> pool.query("drop table " + table).execute().replaceWithVoid())
                .await()
                .atMost(PATIENCE);
    }

    private String ask(String sql) {
        return database.ask(() ->
                        pool.query("select (" + sql + ")::text")
                                .execute()
                                .map(rows -> String.valueOf(rows.iterator().next().getString(0))))
                .await()
                .atMost(PATIENCE);
    }

    private Wanted all() {
        return new Wanted(source, null, null, null, null, null, null, null);
    }

    private List<Archived> read(Wanted wanted) {
        return read(wanted, 1000);
    }

    private List<Archived> read(Wanted wanted, int most) {
        return archive.read(wanted, most).await().atMost(PATIENCE);
    }

    private List<Long> lsns(Wanted wanted, int most) {
        return read(wanted, most).stream().map(one -> commit(one.change()).number()).toList();
    }

    private int store(String rule, List<RowChange> changes) {
        return archive.store(archived(rule, changes)).await().atMost(PATIENCE);
    }

    private static List<Archived> archived(String rule, List<RowChange> changes) {
        return changes.stream().map(c -> new Archived(rule, c, envelope(c))).toList();
    }

    private static String envelope(RowChange change) {
        return "{ \"b\": 1.50,\"a\":\"" + change.id() + "\"}";
    }

    private List<RowChange> inserts(int first, int count) {
        List<RowChange> changes = new ArrayList<>();
        for (int n = first; n < first + count; n++) {
            changes.add(
                    new RowChange.Insert(
                            at(n, n, NOON.plusSeconds(n)), 0, row(String.valueOf(n), "x")));
        }
        return changes;
    }

    private RowChange insert(int lsn, String id, String no) {
        return new RowChange.Insert(at(lsn, lsn, NOON), 0, row(id, no));
    }

    private RowChange insertAt(int lsn, Instant time) {
        return new RowChange.Insert(at(lsn, lsn, time), 0, row("1", "x"));
    }

    private Transaction at(long lsn, int xid, Instant time) {
        return new Transaction(source, 3, new Lsn(lsn), time, xid);
    }

    private static Row row(String id, String no) {
        return row(id, no, null, ColumnValue.Null.NULL);
    }

    private static Row row(String id, String no, @Nullable String price, ColumnValue geo) {
        return Row.of(
                ORDERS,
                text(id),
                text(no),
                price == null ? ColumnValue.Null.NULL : text(price),
                geo);
    }

    private static ColumnValue text(String text) {
        return new ColumnValue.Text(text);
    }
}
