package dev.walmonitor.handler.notify;

import dev.walmonitor.change.Operation;
import dev.walmonitor.handler.notify.NotifyRules.NotifyConfig;
import dev.walmonitor.handler.notify.NotifyRules.QuietConfig;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what a rule says of digests, repetitions and quiet hours; what is wrong becomes faults. */
record StormReader(Rule rule, List<Fault> faults) {
    private static final Duration LONGEST_DIGEST = Duration.ofDays(1);
    private static final Duration LONGEST_DEDUPE = Duration.ofDays(7);
    private static final Duration LONGEST_HELD = Duration.ofHours(1);

    /**
     * @param told the columns that the rule's messages tell
     */
    Storm read(Optional<NotifyConfig> config, Set<String> told) {
        Optional<Duration> dedupe =
                config.flatMap(NotifyConfig::dedupe)
                        .flatMap(text -> duration("dedupe", text, LONGEST_DEDUPE));
        if (dedupe.isEmpty() && config.flatMap(NotifyConfig::dedupeKey).isPresent()) {
            fault(
                    "notify.dedupe-key does nothing without notify.dedupe;",
                    "write for how long the same is not told again, such as 10m.");
        }
        boolean transaction =
                config.flatMap(NotifyConfig::digest).filter(this::isTransaction).isPresent();
        if (transaction && config.flatMap(NotifyConfig::suppressIfRevertedWithin).isPresent()) {
            fault(
                    "a digest of one transaction cannot wait for others to set rows back;",
                    "write digest: with a time, or take notify.suppress-if-reverted-within out.");
        }
        return new Storm(
                digest(config.flatMap(NotifyConfig::digest)),
                dedupe,
                reverted(config.flatMap(NotifyConfig::suppressIfRevertedWithin), told),
                config.flatMap(NotifyConfig::quiet).flatMap(this::quiet));
    }

    private boolean isTransaction(String digest) {
        return digest.strip().equals("transaction");
    }

    private Storm.Digest digest(Optional<String> text) {
        if (text.isEmpty()) {
            return Storm.Digest.Never.NEVER;
        }
        if (isTransaction(text.get())) {
            return Storm.Digest.Transaction.TRANSACTION;
        }
        return duration("digest", text.get(), LONGEST_DIGEST)
                .<Storm.Digest>map(Storm.Digest.Within::new)
                .orElse(Storm.Digest.Never.NEVER);
    }

    private Optional<Storm.Reverted> reverted(Optional<String> text, Set<String> told) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Set<String> columns = rule.filter().changed().isEmpty() ? told : rule.filter().changed();
        if (columns.isEmpty()) {
            fault(
                    "notify.suppress-if-reverted-within does not know which columns count;",
                    "name them in the rule's changed, or in the title or body.");
        }
        if (!rule.filter().events().contains(Operation.UPDATE)) {
            fault(
                    "notify.suppress-if-reverted-within is about updates, to which the rule does not listen;",
                    "add update to its events, or take the key out.");
        }
        return duration("suppress-if-reverted-within", text.get(), LONGEST_HELD)
                .map(within -> new Storm.Reverted(within, columns));
    }

    private Optional<Quiet> quiet(QuietConfig config) {
        LocalTime from = time("from", config.from());
        LocalTime to = time("to", config.to());
        ZoneId zone = zone(config.zone().orElse("UTC"));
        if (from == null || to == null || zone == null) {
            return Optional.empty();
        }
        if (from.equals(to)) {
            fault("notify.quiet begins when it ends;", "write two different times.");
            return Optional.empty();
        }
        return Optional.of(new Quiet(from, to, zone));
    }

    private @Nullable LocalTime time(String key, Optional<String> text) {
        try {
            return LocalTime.parse(text.map(String::strip).orElse(""));
        } catch (DateTimeException e) {
            fault(
                    text.isEmpty()
                            ? "notify.quiet." + key + " is missing;"
                            : "notify.quiet." + key + " is \"" + text.get() + "\";",
                    "write a time of the day in quotes, such as \"22:00\".");
            return null;
        }
    }

    private @Nullable ZoneId zone(String text) {
        try {
            return ZoneId.of(text.strip());
        } catch (DateTimeException e) {
            fault(
                    "notify.quiet.zone is \"" + text + "\";",
                    "write a time zone such as Europe/Berlin.");
            return null;
        }
    }

    private Optional<Duration> duration(String key, String text, Duration longest) {
        try {
            Duration duration = DurationConverter.parseDuration(text.strip());
            if (duration != null && duration.isPositive() && duration.compareTo(longest) <= 0) {
                return Optional.of(duration);
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        fault(
                "notify." + key + " is \"" + text + "\";",
                "write a duration such as 30s, up to "
                        + longest.toHours()
                        + "h"
                        + (key.equals("digest") ? ", or transaction." : "."));
        return Optional.empty();
    }

    private void fault(String what, String fix) {
        faults.add(new Fault(rule.name(), what, fix));
    }
}
