package dev.walmonitor.sink.redis;

/** The keys that stand beside a cached key: in the same slot of a cluster. */
public final class CacheKeys {
    private static final String PREFIX = "wal-monitor:";

    private CacheKeys() {}

    /** Of the record. */
    public static String fence(String key) {
        return beside("lsn:", key);
    }

    /** Of an application's lease. */
    public static String lease(String key) {
        return beside("lease:", key);
    }

    /** Of the changes that a stream has. */
    static String seen(String stream) {
        return beside("seen:", stream);
    }

    private static String beside(String kind, String key) {
        return hasTag(key) ? PREFIX + kind + key : PREFIX + kind + "{" + key + "}";
    }

    /** Whether a cluster takes the slot from a part of the key only. */
    private static boolean hasTag(String key) {
        int open = key.indexOf('{');
        return open >= 0 && key.indexOf('}', open + 1) > open + 1;
    }

    /**
     * Whether what stands beside the key is in another slot of a cluster: a brace in the key that
     * is not part of a hash tag would end ours too early.
     */
    public static boolean isTorn(String key) {
        return !hasTag(key) && key.indexOf('}') >= 0;
    }

    /** The register of a rule's keys is made of this many sets. */
    static final int SHARDS = 16;

    static String register(String rule, int shard) {
        return PREFIX + "keys:" + rule + ":" + shard;
    }

    static String register(String rule, String key) {
        return register(rule, Math.floorMod(key.hashCode(), SHARDS));
    }

    static String tag(String tag) {
        return PREFIX + "tag:" + tag;
    }

    static String sentinel(String source, int place) {
        return PREFIX + "sentinel:" + source + ":" + place;
    }
}
