package dev.walmonitor.handler.cache;

import java.util.Locale;

/** Why a key is refreshed; without one it never is. */
enum Reason {
    /** A row changed. */
    CHANGE,
    /** The service started. */
    WARM,
    /** The value would soon be forgotten. */
    TTL;

    /** As in the metric. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
