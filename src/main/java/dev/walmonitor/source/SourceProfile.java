package dev.walmonitor.source;

import org.jspecify.annotations.Nullable;

/**
 * What does not change of a source while the process runs.
 *
 * @param name the name by which users know it
 * @param kind such as {@code postgresql}
 * @param slot the replication slot; null if the source has none
 */
public record SourceProfile(String name, String kind, @Nullable String slot) {}
