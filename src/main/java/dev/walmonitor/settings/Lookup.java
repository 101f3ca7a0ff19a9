package dev.walmonitor.settings;

import org.jspecify.annotations.Nullable;

/** Finds what is configured. */
interface Lookup {

    /** What is configured under a name; null if nothing is. */
    @Nullable String get(String name);

    /** The ordinal of where it is configured: a variable 300, a file less. */
    int ordinal(String name);
}
