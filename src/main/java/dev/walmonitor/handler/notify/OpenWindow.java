package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications.Entry;
import dev.walmonitor.handler.Notifications.Waiting;
import dev.walmonitor.handler.Notifications.Window;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of a window that has members. Owned by {@link Folding}, under its lock. */
final class OpenWindow {

    /** It was told: only the record of it is missing. */
    record Sent(List<Long> members, Entry entry) {}

    final Window window;

    /** Until when it takes new rows. */
    final Instant joinUntil;

    /** Whether it was found in the store. */
    final boolean adopted;

    /** The rows that it takes for as long as it waits. */
    final Set<String> rows = new HashSet<>();

    /** When it is told, or tried to be told again. */
    Instant due;

    long members;

    /** Members that are being stored. */
    int pending;

    boolean delivering;
    int failures;
    @Nullable Sent sent;

    OpenWindow(Window window, Instant joinUntil) {
        this.window = window;
        this.joinUntil = joinUntil;
        this.adopted = false;
        this.due = window.due();
    }

    OpenWindow(Waiting found) {
        this.window = found.window();
        this.joinUntil = window.due();
        this.adopted = true;
        this.due = window.due();
        this.members = found.members();
        this.rows.addAll(found.rows());
    }
}
