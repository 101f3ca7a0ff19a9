package dev.walmonitor.monitor.alert;

/**
 * What an alert is about; there is one at a time.
 *
 * @param source its name
 * @param subject the rule; empty if it is about the source
 */
record AlertKey(String source, AlertKind kind, String subject) {}
