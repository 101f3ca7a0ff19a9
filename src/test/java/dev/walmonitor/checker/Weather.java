package dev.walmonitor.checker;

/**
 * What handlers and the store have to put up with at the moment. Set by the faults, read by
 * everybody.
 */
final class Weather {
    /** No handler answers. */
    volatile boolean stalled;

    /** How many of a hundred attempts of a handler fail. */
    volatile int failing;

    /** How many of a hundred stores fail. */
    volatile int notStored;

    /** How many milliseconds a store takes at most. */
    volatile int slowStore;

    /** How many milliseconds a handler takes at most; most take none. */
    volatile int slowHandlers;

    /** Nothing fails or takes time any more. */
    void calm() {
        fair();
        slowHandlers = 0;
        slowStore = 0;
    }

    /** Nothing fails; things take time as before. */
    void fair() {
        stalled = false;
        failing = 0;
        notStored = 0;
    }
}
