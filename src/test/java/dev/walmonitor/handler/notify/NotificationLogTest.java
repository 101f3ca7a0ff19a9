package dev.walmonitor.handler.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.handler.Notifications.Entry;
import dev.walmonitor.handler.Notifications.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NotificationLogTest {
    private final FakeNotifications store = new FakeNotifications();
    private final List<Runnable> later = new ArrayList<>();
    private final NotificationLog log = new NotificationLog(store, (wait, task) -> later.add(task));

    @Test
    void whatBecameOfANotificationIsOnRecord() {
        log.add(entry(1));
        log.add(entry(2));

        assertThat(store.entries).containsExactly(entry(1), entry(2));
        assertThat(later).isEmpty();
    }

    @Test
    void whileTheDatabaseIsDownItIsKeptAndWrittenInOrderLater() {
        store.down = true;
        for (int i = 0; i < 3; i++) {
            log.add(entry(i));
        }
        assertThat(later).hasSize(1);
        later.removeFirst().run();
        assertThat(later).hasSize(1);
        store.down = false;
        later.removeFirst().run();

        assertThat(store.entries).containsExactly(entry(0), entry(1), entry(2));
        log.add(entry(3));
        assertThat(store.entries).hasSize(4);
    }

    @Test
    void ofTooManyTheNewestAreKept() {
        store.down = true;
        for (int i = 0; i < NotificationLog.MOST_KEPT + 10; i++) {
            log.add(entry(i));
        }
        store.down = false;
        later.removeFirst().run();

        assertThat(store.entries).hasSize(NotificationLog.MOST_KEPT).first().isEqualTo(entry(10));
    }

    private static Entry entry(int n) {
        return new Entry(
                "main", "r", "c", n, "", "log", Outcome.SENT, null, "t", null, Instant.EPOCH);
    }
}
