package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications;
import dev.walmonitor.handler.Notifications.Entry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Puts on record what became of notifications, many with one statement, beside the work. While the
 * monitor database does not answer, the newest are kept and the log says so once. Thread-safe.
 */
final class NotificationLog {
    private static final Logger LOG = Logger.getLogger(NotificationLog.class);
    static final int MOST_KEPT = 10_000;
    private static final int BATCH = 500;
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Notifications store;
    private final Later later;
    private final Deque<Entry> queue = new ArrayDeque<>();
    private boolean busy;
    private boolean failing;
    private long dropped;

    NotificationLog(Notifications store, Later later) {
        this.store = store;
        this.later = later;
    }

    /** Never blocks, never fails. */
    void add(Entry entry) {
        synchronized (this) {
            queue.add(entry);
            if (queue.size() > MOST_KEPT) {
                queue.removeFirst();
                dropped++;
            }
            if (busy) {
                return;
            }
            busy = true;
        }
        write();
    }

    private void write() {
        List<Entry> batch = new ArrayList<>();
        synchronized (this) {
            while (batch.size() < BATCH && !queue.isEmpty()) {
                batch.add(queue.removeFirst());
            }
            if (batch.isEmpty()) {
                busy = false;
                return;
            }
        }
        var _ = store.record(batch).subscribe().with(done -> written(), f -> failed(batch, f));
    }

    private void written() {
        String over = null;
        synchronized (this) {
            if (failing) {
                failing = false;
                over =
                        "Outcomes of notifications are recorded again"
                                + (dropped == 0 ? "." : "; " + dropped + " were not.");
                dropped = 0;
            }
        }
        if (over != null) {
            LOG.info(over);
        }
        write();
    }

    /** What cannot be recorded is tried again, once the newest are all that is kept. */
    private void failed(List<Entry> batch, Throwable failure) {
        boolean first;
        synchronized (this) {
            first = !failing;
            failing = true;
            for (int i = batch.size() - 1; i >= 0; i--) {
                if (queue.size() < MOST_KEPT) {
                    queue.addFirst(batch.get(i));
                } else {
                    dropped++;
                }
            }
        }
        if (first) {
            LOG.warnf(
                    "Outcomes of notifications cannot be recorded: %s. The newest %d are kept until they can; what is sent"
                            + " is sent all the same.",
                    failure.getMessage(), MOST_KEPT);
        }
        later.after(PAUSE, this::write);
    }
}
