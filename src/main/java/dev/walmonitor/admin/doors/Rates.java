package dev.walmonitor.admin.doors;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How often each address may do something: so many at once, and then so many a second. Remembers
 * the addresses that were seen last. Thread-safe.
 */
final class Rates {
    private static final int ADDRESSES = 10_000;
    private static final double NANOS = 1e9;

    private final double burst;
    private final double perSecond;
    private final LongSupplier nanoTime;
    private final Map<String, Bucket> buckets;

    /** What an address has left. */
    private static final class Bucket {
        private double left;
        private long at;

        private Bucket(double left, long at) {
            this.left = left;
            this.at = at;
        }
    }

    Rates(double burst, double perSecond, LongSupplier nanoTime) {
        this.burst = burst;
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.buckets =
                new LinkedHashMap<>(16, 0.75f, true) {
                    @Override
                    protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                        return size() > ADDRESSES;
                    }
                };
    }

    /** Takes one, if one is left. */
    synchronized boolean take(String address) {
        Bucket bucket = filled(address);
        if (bucket.left < 1) {
            return false;
        }
        bucket.left--;
        return true;
    }

    /** Gives back what was taken and not used. */
    synchronized void giveBack(String address) {
        Bucket bucket = filled(address);
        bucket.left = Math.min(burst, bucket.left + 1);
    }

    /** In how many whole seconds one is there again. */
    synchronized long secondsUntilNext(String address) {
        return Math.max(1, (long) Math.ceil((1 - filled(address).left) / perSecond));
    }

    private Bucket filled(String address) {
        long now = nanoTime.getAsLong();
        Bucket bucket = buckets.computeIfAbsent(address, unseen -> new Bucket(burst, now));
        bucket.left = Math.min(burst, bucket.left + (now - bucket.at) / NANOS * perSecond);
        bucket.at = now;
        return bucket;
    }
}
