package dev.walmonitor.admin.doors;

import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/**
 * Who was let in.
 *
 * @param name as whom he gave himself out, and proved it
 */
public record Visitor(String name, Role role) {
    private static final String KEY = Visitor.class.getName();

    /** Somebody on the same machine, where nobody is asked for a name. */
    static final Visitor LOCAL = new Visitor("local", Role.OPERATOR);

    void enters(RoutingContext request) {
        request.put(KEY, this);
    }

    /** Whose request it is; null if nobody was let in with it. */
    public static @Nullable Visitor of(RoutingContext request) {
        return request.get(KEY);
    }
}
