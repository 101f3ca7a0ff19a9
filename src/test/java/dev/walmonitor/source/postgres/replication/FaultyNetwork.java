package dev.walmonitor.source.postgres.replication;

import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.FaultProxy;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.postgres.wire.WireOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A source on a real server of these tests' own, by way of a proxy. */
abstract class FaultyNetwork {
    final PostgresServer server = SharedServers.quiet();
    final String name = "faulty_" + SharedServers.number();
    FaultProxy proxy;
    String url = "";

    @BeforeEach
    void freshDatabase() {
        url = server.createDatabase(name);
        proxy = FaultProxy.to(server);
        sql("create table t (id int primary key, v text)");
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    /** Runs each statement in a transaction of its own, as the owner of the tables. */
    final void sql(String... statements) {
        SharedServers.execute(url, statements);
    }

    final void insert(int id) {
        sql("insert into t values (" + id + ", 'a')");
    }

    /** Has the server describe the table anew with the next change, as its cache is outdated. */
    final void outdateRelation(int version) {
        sql("alter table t alter v set statistics " + version);
    }

    /** Gives a silent connection up after two seconds, as does the server. */
    static SlotOptions hasty(String slot) {
        return new SlotOptions(slot, slot, true, Duration.ofSeconds(2), Duration.ofMillis(500));
    }

    /** Hardly says anything of itself, and so hears nothing but changes. */
    static SlotOptions quiet(String slot) {
        return new SlotOptions(slot, slot, true, Duration.ofMinutes(2), Duration.ofMinutes(1));
    }

    final WireOptions wire(FaultProxy by) {
        return Follower.wire(DatabaseUrl.parse(by.through(url)));
    }

    final Follower follow(FaultProxy by, String slot) {
        return follow(wire(by), hasty(slot));
    }

    static Follower follow(WireOptions wire, SlotOptions options) {
        return new Follower(wire, options, Interest.ALL, true);
    }

    static SourceFailure failure(Follower follower) {
        return Objects.requireNonNull(follower.source.status().failure());
    }

    final Lsn confirmedFlush(String slot) {
        return Lsn.parse(
                String.valueOf(
                        server.query(
                                name,
                                "select confirmed_flush_lsn from pg_replication_slots where slot_name = '"
                                        + slot
                                        + "'")));
    }

    final Lsn endOfLog() {
        return Lsn.parse(String.valueOf(server.query(name, "select pg_current_wal_lsn()")));
    }

    /** What the pipeline would keep: a transaction that is open at a Resumed is forgotten. */
    static List<String> whole(Follower follower) {
        List<String> whole = new ArrayList<>();
        List<String> open = new ArrayList<>();
        for (ChangeEvent event : follower.events) {
            switch (event) {
                case ChangeEvent.Resumed r -> open.clear();
                case ChangeEvent.Begin b -> open.clear();
                case RowChange change -> open.add(told(change));
                case ChangeEvent.Commit c -> whole.addAll(open);
                case ChangeEvent.Message m -> {}
                case ChangeEvent.Progress p -> {}
                case ChangeEvent.Missed m -> {}
            }
        }
        return whole;
    }

    static String told(RowChange change) {
        return change.operation() + " " + (change.row() == null ? "" : texts(change.row()));
    }

    /** Whatever the columns are called: a name may have been damaged on its way. */
    static String texts(Row row) {
        return row.values().stream()
                .map(v -> v instanceof ColumnValue.Text text ? text.text() : "?")
                .collect(Collectors.joining());
    }

    static List<String> inserts(int to) {
        return IntStream.rangeClosed(1, to).mapToObj(i -> "INSERT " + i + "a").toList();
    }

    static void awaitWhole(Follower follower, int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> whole(follower).size() >= count);
    }
}
