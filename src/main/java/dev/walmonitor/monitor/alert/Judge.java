package dev.walmonitor.monitor.alert;

import dev.walmonitor.monitor.alert.Finding.Fine;
import dev.walmonitor.monitor.alert.Finding.Unknown;
import dev.walmonitor.monitor.alert.Finding.Wrong;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Decides what has been wrong, or over, for long enough to be told. Its memory is owned by whoever
 * makes the rounds; after a restart it begins anew.
 */
final class Judge {
    /**
     * What is to be told.
     *
     * @param raised with what is wrong
     */
    record Sentence(Map<AlertKey, Wrong> raised, List<AlertKey> cleared) {}

    private final Duration hold;
    private final Map<AlertKey, Instant> since = new HashMap<>();

    Judge(Duration hold) {
        this.hold = hold;
    }

    /**
     * @param active the alerts that are raised and not over, of whatever instance
     * @param decided which of these are over if nothing was found
     */
    Sentence judge(
            List<Finding> findings,
            Set<AlertKey> active,
            Predicate<AlertKey> decided,
            Instant now) {
        Map<AlertKey, Wrong> raised = new HashMap<>();
        List<AlertKey> cleared = new ArrayList<>();
        Set<AlertKey> turning = new HashSet<>();
        Set<AlertKey> found = new HashSet<>();
        for (Finding finding : findings) {
            AlertKey key = finding.key();
            found.add(key);
            switch (finding.verdict()) {
                case Wrong wrong -> {
                    if (!active.contains(key)) {
                        turning.add(key);
                        if (finding.fact() || lasts(key, now)) {
                            raised.put(key, wrong);
                        }
                    }
                }
                case Fine fine -> {
                    if (active.contains(key)) {
                        turning.add(key);
                        if (lasts(key, now)) {
                            cleared.add(key);
                        }
                    }
                }
                case Unknown unknown -> {
                    if (since.containsKey(key)) {
                        turning.add(key);
                    }
                }
            }
        }
        for (AlertKey key : active) {
            if (!found.contains(key) && decided.test(key)) {
                turning.add(key);
                if (lasts(key, now)) {
                    cleared.add(key);
                }
            }
        }
        since.keySet().retainAll(turning);
        raised.keySet().forEach(since::remove);
        cleared.forEach(since::remove);
        return new Sentence(raised, cleared);
    }

    /** Whether it is not as it was told to be, and for long enough. */
    private boolean lasts(AlertKey key, Instant now) {
        Instant first = since.computeIfAbsent(key, none -> now);
        return !now.isBefore(first.plus(hold));
    }
}
