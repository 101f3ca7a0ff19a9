package dev.walmonitor.source.postgres.wire;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/**
 * For the flight recorder: what one read of a connection's socket brought, and how long it took to
 * cut, decode and hand on. Nothing is made of it while nothing is recorded.
 */
@Name("dev.walmonitor.Read")
@Label("Read of the Log")
@Category("WAL Monitor")
@Description("What one read of a connection brought, until all of it was handed on")
@StackTrace(false)
@Threshold("1 ms")
final class ReadEvent extends Event {
    @Label("Bytes")
    @DataAmount
    int bytes;

    @Label("Messages")
    long messages;
}
