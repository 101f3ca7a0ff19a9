package dev.walmonitor.admin.command.terminal;

import java.io.PrintWriter;
import java.time.Duration;

/** A bar that grows, on a terminal; nothing elsewhere. Not thread-safe. */
public final class Progress {
    private static final int WIDTH = 30;
    private static final long PAUSE = Duration.ofMillis(100).toNanos();

    private final PrintWriter out;
    private final boolean shown;
    private long lastNanos;

    public Progress(PrintWriter out) {
        this(out, Screen.isThere());
    }

    Progress(PrintWriter out, boolean shown) {
        this.out = out;
        this.shown = shown;
    }

    /**
     * Shows it, if it is time to.
     *
     * @param part how much is done, 0 to 1
     * @param words what to say beside
     */
    public void show(double part, String words) {
        long now = System.nanoTime();
        if (shown && (now - lastNanos > PAUSE || part >= 1)) {
            lastNanos = now;
            out.print("\r" + bar(part) + " " + words + "   ");
            out.flush();
        }
    }

    /** Takes it away. */
    public void end() {
        if (shown) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }

    static String bar(double part) {
        int done = (int) Math.round(Math.clamp(part, 0.0, 1.0) * WIDTH);
        return "[" + "#".repeat(done) + "-".repeat(WIDTH - done) + "]";
    }
}
