package dev.walmonitor.bench.consumer;

import java.nio.ByteBuffer;

/**
 * Looks at messages of pgoutput as little as one can: counts rows by a message's first byte,
 * notices commits, and at a steady rate reads a row's second column. Decodes nothing.
 */
final class Tally {
    private static final int OF_BEGIN = 9;
    private static final int OF_COMMIT = 10;
    private static final int OF_STREAM_COMMIT = 14;

    /** Type, table, kind of the tuple, number of columns. */
    private static final int BEFORE_COLUMNS = 1 + 4 + 1 + 2;

    private static final int BEFORE_VALUE = 1 + 4;

    private final Outcome outcome;
    private long committed;
    private long end;
    private boolean over;

    Tally(Outcome outcome) {
        this.outcome = outcome;
    }

    /** Up to where transactions were read whole; 0 before the first. */
    long end() {
        return end;
    }

    /** Whether there is nothing more to read. */
    boolean over() {
        return over;
    }

    /** One message, which begins at an absolute index. */
    void read(ByteBuffer in, int at) {
        switch (in.get(at)) {
            case 'I' -> insert(in, at);
            case 'U', 'D' -> outcome.row();
            case 'B' -> committed = Outcome.ofPostgres(in.getLong(at + OF_BEGIN));
            case 'C' -> commit(in.getLong(at + OF_COMMIT));
            case 'c' -> commit(in.getLong(at + OF_STREAM_COMMIT));
            default -> {}
        }
    }

    private void insert(ByteBuffer in, int at) {
        if (outcome.timed()) {
            over |= outcome.row(stamp(in, at), committed);
        } else {
            outcome.row();
        }
    }

    private void commit(long end) {
        this.end = end;
        over |= outcome.complete();
    }

    private static long stamp(ByteBuffer in, int at) {
        int first = at + BEFORE_COLUMNS;
        int second = first + BEFORE_VALUE + in.getInt(first + 1);
        int length = in.getInt(second + 1);
        long stamp = 0;
        for (int i = 0; i < length; i++) {
            stamp = 10 * stamp + in.get(second + BEFORE_VALUE + i) - '0';
        }
        return stamp;
    }
}
