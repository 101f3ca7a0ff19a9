package dev.walmonitor.source;

import org.jspecify.annotations.Nullable;

/**
 * As whom to connect, for one connect.
 *
 * @param password null where the server asks for none
 */
public record Login(String user, @Nullable Secret password) {}
