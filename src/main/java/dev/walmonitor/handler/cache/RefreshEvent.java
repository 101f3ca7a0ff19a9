package dev.walmonitor.handler.cache;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/**
 * For the flight recorder: one refresh of a cached query, from the query to the command's answer.
 * Nothing is made of it while nothing is recorded. No key: it may hold a row's values.
 */
@Name("dev.walmonitor.Refresh")
@Label("Refresh of a Cached Query")
@Category("WAL Monitor")
@Description("From the query to the answer of Redis")
@StackTrace(false)
@Threshold("1 ms")
final class RefreshEvent extends Event {
    @Label("Rule")
    String rule = "";

    @Label("Key Template")
    String template = "";

    @Label("Changes")
    @Description("How many changes it was to cover")
    int changes;

    @Label("Succeeded")
    boolean succeeded;

    /** It began now. */
    static RefreshEvent begun() {
        RefreshEvent event = new RefreshEvent();
        event.begin();
        return event;
    }

    /** It is over. */
    void over(String ofRule, String keyTemplate, int covered, boolean done) {
        end();
        if (shouldCommit()) {
            rule = ofRule;
            template = keyTemplate;
            changes = covered;
            succeeded = done;
            commit();
        }
    }
}
