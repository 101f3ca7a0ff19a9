package dev.walmonitor.bench.consumer;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/**
 * What a consumer tells the runner. While a backlog is drained ({@code --rows}): one line with the
 * number of rows and the time. At a steady rate ({@code --latfile}): for each row when it was made,
 * when it arrived and when it was committed. Times are microseconds of the Unix epoch. Not
 * thread-safe.
 */
public final class Outcome {
    /** The stamp of the row after which nothing comes. */
    private static final long LAST = 0;

    /** 2000-01-01, from which PostgreSQL counts. */
    private static final long POSTGRES_EPOCH = 946_684_800_000_000L;

    private static final int FIELDS = 3;

    private final String slot;
    private final long wanted;
    private final String file;
    private final long started = now();
    private long rows;
    private long[] times = new long[FIELDS << 16];
    private int filled;

    public Outcome(Arguments arguments) {
        slot = arguments.get("slots");
        wanted = Long.parseLong(arguments.get("rows", "0"));
        file = arguments.get("latfile", "");
        if (wanted == 0 && file.isEmpty()) {
            throw new IllegalArgumentException("Expected --rows or --latfile, got neither");
        }
    }

    /** Whether the stamps of rows are to be read. */
    public boolean timed() {
        return !file.isEmpty();
    }

    /** One row was delivered. */
    public void row() {
        rows++;
    }

    /**
     * One row was delivered, now.
     *
     * @param commit when its transaction was committed
     * @return whether it is the last
     */
    public boolean row(long stamp, long commit) {
        rows++;
        if (stamp == LAST) {
            return true;
        }
        if (filled == times.length) {
            times = Arrays.copyOf(times, 2 * times.length);
        }
        times[filled++] = stamp;
        times[filled++] = now();
        times[filled++] = commit;
        return false;
    }

    /** A commit was delivered; whether all rows of the backlog are there. */
    public boolean complete() {
        return wanted > 0 && rows >= wanted;
    }

    /** Nothing more is read: tells the runner. */
    public void tell() throws IOException {
        if (!timed()) {
            long now = now();
            System.out.printf(
                    "RESULT slot=%s rows=%d seconds=%.6f t=%d%n",
                    slot, rows, (now - started) / 1e6, now);
        } else {
            try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(file)))) {
                for (int i = 0; i < filled; i += FIELDS) {
                    out.println(times[i] + " " + times[i + 1] + " " + times[i + 2]);
                }
            }
            System.out.println("LATENCY n=" + filled / FIELDS);
        }
        System.out.flush();
    }

    /** A time as PostgreSQL sends it. */
    public static long ofPostgres(long micros) {
        return micros + POSTGRES_EPOCH;
    }

    /** A time as PostgreSQL wants it. */
    static long toPostgres(long micros) {
        return micros - POSTGRES_EPOCH;
    }

    public static long now() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    }
}
