package dev.walmonitor.sink;

/**
 * Something to tell.
 *
 * @param title one line
 * @param body may have several lines; empty if the title says it all
 */
public record Message(Recipient to, String title, String body) {}
