package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.Notifications;
import dev.walmonitor.handler.Notifications.Entry;
import dev.walmonitor.handler.Notifications.Folded;
import dev.walmonitor.handler.Notifications.Item;
import dev.walmonitor.handler.Notifications.Member;
import dev.walmonitor.handler.Notifications.Move;
import dev.walmonitor.handler.Notifications.Outcome;
import dev.walmonitor.handler.Notifications.Target;
import dev.walmonitor.handler.Notifications.Waiting;
import dev.walmonitor.handler.Notifications.Window;
import dev.walmonitor.sink.sql.TestPool;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StoredNotificationsTest {
    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00.123456Z");
    private static final Target TARGET =
            new Target("main", "r", "slack", "k", "{\"name\":\"Ann\"}");
    private static final Window WINDOW = new Window(TARGET, "w", NOON);

    private final String url = SharedServers.freshDatabase();
    private final TestPool pool = TestPool.writing(url);
    private final Notifications store = TestNotifications.of(pool);

    @BeforeEach
    void tables() {
        TestNotifications.migrate(url);
    }

    @AfterEach
    void close() {
        pool.close();
    }

    @Test
    void membersAreGivenInTheOrderOfTheirChangesAndOnceEach() {
        ask(store.fold(List.of(member("c:2", 2, null), member("c:1", 1, null))));
        ask(store.fold(List.of(member("c:1", 1, null), member("c:3", 3, null))));
        Folded folded = ask(store.read(WINDOW, 2));

        assertThat(folded.members()).hasSize(3);
        assertThat(folded.told()).isEqualTo(3);
        assertThat(folded.first())
                .containsExactly(
                        new Item("c:1", "title c:1", "body", "https://example.org"),
                        new Item("c:2", "title c:2", "body", "https://example.org"));
        assertThat(ask(store.read(new Window(TARGET, "other", NOON), 2)).members()).isEmpty();
    }

    @Test
    void aPositionIsUnsigned() {
        ask(store.fold(List.of(member("high", -1, null), member("low", 1, null))));

        assertThat(ask(store.read(WINDOW, 5)).first())
                .extracting(Item::change)
                .containsExactly("low", "high");
    }

    @Test
    void aRowThatIsBackWhereItWasIsNotTold() {
        ask(
                store.fold(
                        List.of(
                                member("1", 1, new Move("a", "x", "y")),
                                member("2", 2, new Move("b", "x", "y")),
                                member("3", 3, new Move("a", "y", "z")),
                                member("4", 4, new Move("a", "z", "x")),
                                member("5", 5, null))));
        Folded folded = ask(store.read(WINDOW, 5));

        assertThat(folded.members()).hasSize(5);
        assertThat(folded.told()).isEqualTo(2);
        assertThat(folded.first()).extracting(Item::change).containsExactly("2", "5");
        Waiting waiting = ask(store.waiting("main")).getFirst();
        assertThat(waiting).isEqualTo(new Waiting(WINDOW, 5, Set.of("a", "b")));
        assertThat(ask(store.waiting("other"))).isEmpty();
    }

    @Test
    void whatIsDeliveredIsTakenAwayAndOnRecordOrNeither() {
        ask(store.fold(List.of(member("1", 1, null))));
        List<Long> members = ask(store.read(WINDOW, 5)).members();
        SharedServers.execute(
                url, "ALTER TABLE wal_monitor.notification_log ADD CHECK (title <> 'no')");

        assertThatThrownBy(() -> ask(store.delivered(members, entry("no", null, NOON))))
                .isInstanceOf(Exception.class);
        assertThat(ask(store.read(WINDOW, 5)).members()).hasSize(1);
        ask(store.delivered(members, entry("yes", null, NOON)));
        assertThat(ask(store.read(WINDOW, 5)).members()).isEmpty();
        assertThat(titles()).containsExactly("yes");
    }

    @Test
    void whatWasToldIsKnownByItsKey() {
        ask(
                store.record(
                        List.of(
                                entry("old", "k1", NOON),
                                entry("new", "k2", NOON.plusSeconds(10)),
                                entry("none", null, NOON.plusSeconds(10)))));

        assertThat(ask(store.told("main", "r", NOON.plusSeconds(5))))
                .containsExactly(Map.entry("k2", NOON.plusSeconds(10)));
        assertThat(ask(store.told("main", "other", NOON.minusSeconds(5)))).isEmpty();
    }

    @Test
    void whatIsTooOldIsRemovedALittleAtATime() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            entries.add(entry("t" + i, null, NOON.plusSeconds(i)));
        }
        ask(store.record(entries));

        assertThat(ask(store.prune(NOON.plusSeconds(5), 3))).isEqualTo(3);
        assertThat(ask(store.prune(NOON.plusSeconds(5), 3))).isEqualTo(2);
        assertThat(ask(store.prune(NOON.plusSeconds(5), 3))).isZero();
        assertThat(titles()).containsExactly("t5", "t6", "t7", "t8", "t9");
    }

    @Test
    void whatPostgresqlCannotHoldIsLeftOut() {
        ask(store.record(List.of(entry("a\0b", null, NOON))));

        assertThat(titles()).containsExactly("a b");
    }

    private List<String> titles() {
        List<String> titles = new ArrayList<>();
        ask(pool.pool()
                        .query("SELECT title FROM wal_monitor.notification_log ORDER BY at")
                        .execute())
                .forEach(row -> titles.add(row.getString(0)));
        return titles;
    }

    private static Member member(String change, long position, @Nullable Move move) {
        return new Member(
                WINDOW,
                change,
                position,
                0,
                move,
                "title " + change,
                "body",
                "https://example.org");
    }

    private static Entry entry(String title, @Nullable String dedupe, Instant at) {
        return new Entry(
                "main", "r", "c", 1, "Ann", "slack", Outcome.SENT, null, title, dedupe, at);
    }

    private static <T> T ask(Uni<T> question) {
        return question.await().atMost(Duration.ofSeconds(30));
    }
}
