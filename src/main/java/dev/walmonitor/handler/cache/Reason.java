package dev.walmonitor.handler.cache;

import java.util.Locale;

/** Why a key is refreshed; without one it never is. */
enum Reason {
    /** A row changed. */
    CHANGE,
    /** It is not known to be there. */
    WARM,
    /** Changes or data were lost. */
    REBUILD,
    /** The value would soon be forgotten. */
    TTL,
    /** The audit found it wrong. */
    AUDIT,
    /** Somebody asked for it. */
    OPERATOR;

    /** As in the metric. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
