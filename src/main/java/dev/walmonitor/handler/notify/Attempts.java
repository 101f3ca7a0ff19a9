package dev.walmonitor.handler.notify;

import dev.walmonitor.change.ChangeId;
import dev.walmonitor.sink.Recipient;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What was delivered of changes that failed, until they come again. Thread-safe. */
final class Attempts {
    /** Of more than that, which may never come again, what was delivered is forgotten. */
    private static final int MOST = 10_000;

    /** One message to one recipient. */
    record Delivery(String channel, Recipient to) {}

    /**
     * One change.
     *
     * @param done what was delivered
     * @param failed what has failed once
     */
    record Attempt(Set<Delivery> done, Set<Delivery> failed) {
        private Attempt() {
            this(ConcurrentHashMap.newKeySet(), ConcurrentHashMap.newKeySet());
        }
    }

    private final Map<ChangeId, Attempt> attempts =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<ChangeId, Attempt> eldest) {
                    return size() > MOST;
                }
            };

    /** What is known of a change; nothing, if it has not failed. */
    synchronized Attempt of(ChangeId change) {
        Attempt known = attempts.get(change);
        return known == null ? new Attempt() : known;
    }

    synchronized void failed(ChangeId change, Attempt attempt) {
        attempts.put(change, attempt);
    }

    synchronized void succeeded(ChangeId change) {
        attempts.remove(change);
    }
}
