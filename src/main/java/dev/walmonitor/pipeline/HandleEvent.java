package dev.walmonitor.pipeline;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.EventType;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/**
 * For the flight recorder: one attempt of a rule's handler, from the call to its answer. None is
 * made while nothing is recorded.
 */
@Name("dev.walmonitor.Handle")
@Label("Attempt of a Handler")
@Category("WAL Monitor")
@Description("From the call of a rule's handler to its answer")
@StackTrace(false)
@Threshold("1 ms")
final class HandleEvent extends Event {
    private static final EventType TYPE = EventType.getEventType(HandleEvent.class);

    @Label("Rule")
    String rule = "";

    @Label("Table")
    String table = "";

    @Label("Attempt")
    int attempt;

    @Label("Succeeded")
    boolean succeeded;

    /** One that begins now; null if nobody wants to know. */
    static @Nullable HandleEvent begun() {
        if (!TYPE.isEnabled()) {
            return null;
        }
        HandleEvent event = new HandleEvent();
        event.begin();
        return event;
    }

    /** The handler has answered. */
    void over(Task task, boolean done) {
        end();
        if (shouldCommit()) {
            rule = task.runner.rule().name();
            table = task.change.table().toString();
            attempt = task.failures + 1;
            succeeded = done;
            commit();
        }
    }
}
