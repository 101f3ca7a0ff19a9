package dev.walmonitor.handler.notify;

import dev.walmonitor.change.RowChange;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the templates of a message may name. Nobody changes the map. */
record Facts(Map<String, @Nullable Object> values) {

    static Facts of(RowChange change) {
        return new Facts(RowMap.of(change));
    }

    /** These and one more. */
    Facts with(String name, Object value) {
        Map<String, @Nullable Object> more = new HashMap<>(values);
        more.put(name, value);
        return new Facts(more);
    }
}
