package dev.walmonitor.handler.cache;

/** What a cache counts. */
interface RefreshMeter {

    /** A key is read anew. */
    void refreshed(Reason reason);

    /** A refresh has failed. */
    void failed();

    /** A value was given to Redis, which took it or knew a later one. */
    void written(boolean taken);
}
