package dev.walmonitor.handler;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a handler did, in a few words: shown in the log and kept by whoever explains later why
 * something happened.
 *
 * @param action such as {@code refreshed}, {@code notified}; empty if there is nothing to tell
 * @param fields what it was done to, in the order in which people should read it; no secrets
 */
public record HandlerResult(String action, Map<String, String> fields) {

    /** Done, and nothing to tell. */
    public static final HandlerResult NONE = new HandlerResult("", Map.of());

    public static HandlerResult of(String action) {
        return new HandlerResult(action, Map.of());
    }

    /** This result with one more field at the end. */
    public HandlerResult with(String field, Object value) {
        Map<String, String> more = new LinkedHashMap<>(fields);
        more.put(field, String.valueOf(value));
        return new HandlerResult(action, more);
    }

    public boolean isEmpty() {
        return action.isEmpty();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(action);
        fields.forEach((k, v) -> text.append(' ').append(k).append('=').append(v));
        return text.toString();
    }
}
