package dev.walmonitor.source.postgres.replication;

import java.time.Duration;

/**
 * How long the server has said nothing, and what to make of it. The server promises a sign of life
 * at half its {@code wal_sender_timeout}; at zero it promises none, and only our own questions are
 * answered. Owned by the connection's event loop.
 */
final class Silence {
    private static final Duration WITHOUT_PROMISE = Duration.ofSeconds(30);

    private final Duration limit;
    private long heardNanos;

    /**
     * @param walSenderTimeout the server's, zero for none
     */
    Silence(Duration walSenderTimeout, long nowNanos) {
        this.limit = walSenderTimeout.isZero() ? WITHOUT_PROMISE : walSenderTimeout;
        this.heardNanos = nowNanos;
    }

    void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    /** The server should be asked whether it is still there. */
    boolean isSuspicious(long nowNanos) {
        return nowNanos - heardNanos >= limit.toNanos() / 2;
    }

    /** The server was asked, and has not answered in a while. */
    boolean isStall(long nowNanos) {
        return nowNanos - heardNanos >= limit.toNanos() / 4 * 3;
    }

    /** The server is not there. */
    boolean isTooLong(long nowNanos) {
        return nowNanos - heardNanos >= limit.toNanos();
    }

    Duration limit() {
        return limit;
    }

    /**
     * How often the server hears from us: as wanted, and often enough that it does not give us up.
     */
    Duration statusInterval(Duration wanted) {
        Duration third = limit.dividedBy(3);
        return third.compareTo(wanted) > 0 ? wanted : third;
    }

    /** How often to look. */
    Duration tick() {
        Duration fraction = limit.dividedBy(10);
        return fraction.compareTo(Duration.ofSeconds(1)) > 0 ? Duration.ofSeconds(1) : fraction;
    }
}
