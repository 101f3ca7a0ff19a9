package dev.walmonitor.bench;

import dev.walmonitor.bench.consumer.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The envelopes that were received: every change once at least, and those of one row in their
 * order. Thread-safe.
 */
final class Arrivals implements Receiver.Listener {
    private static final Pattern CHANGE =
            Pattern.compile(
                    "\\{\"id\":\"([^\"]+)\".*\"new\":\\{\"id\": ?(\\d+), ?\"version\": ?(\\d+),.*",
                    Pattern.DOTALL);

    private final Set<String> changes = new HashSet<>();
    private final Map<String, Integer> versions = new HashMap<>();
    private int requests;
    private long last;
    private String fault = "";

    @Override
    public void received(String body) {
        Matcher change = CHANGE.matcher(body);
        boolean understood = change.matches();
        String id = understood ? change.group(1) : "";
        String row = understood ? change.group(2) : "";
        int version = understood ? Integer.parseInt(change.group(3)) : 0;
        synchronized (this) {
            requests++;
            if (!understood) {
                fault = "sent what is no envelope of a notification";
            } else if (changes.add(id)) {
                last = Outcome.now();
                Integer before = versions.put(row, version);
                if (version != (before == null ? 1 : before + 1)) {
                    fault = "sent version " + version + " of row " + row + " after " + before;
                }
            }
        }
    }

    /** How many requests there were. */
    synchronized int requests() {
        return requests;
    }

    /**
     * How many changes have arrived.
     *
     * @throws ConsumerFailed if one of them should not have
     */
    synchronized int changes() {
        if (!fault.isEmpty()) {
            throw new ConsumerFailed(fault);
        }
        return changes.size();
    }

    /** When the last change arrived that had not before, in microseconds of the Unix epoch. */
    synchronized long last() {
        return last;
    }
}
