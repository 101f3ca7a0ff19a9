package dev.walmonitor.handler.archive;

import dev.walmonitor.handler.archive.ArchiveRules.ArchiveActionConfig;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How long the changes of a rule are kept. */
record ArchiveSpec(Duration retention) {
    private static final String STANDARD = "default";
    private static final Duration SHORTEST = Duration.ofDays(1);
    private static final Duration LONGEST = Duration.ofDays(3650);

    /** The rule's words as a spec; null if there is a fault. */
    static @Nullable ArchiveSpec read(
            Rule rule,
            Optional<ArchiveActionConfig> config,
            Duration standard,
            List<Fault> faults) {
        String text = config.flatMap(ArchiveActionConfig::retention).orElse(STANDARD).strip();
        Duration retention = text.equals(STANDARD) ? standard : parse(text);
        if (retention == null
                || retention.compareTo(SHORTEST) < 0
                || retention.compareTo(LONGEST) > 0) {
            faults.add(
                    new Fault(
                            rule.name(),
                            "archive.retention is \"" + shown(text, retention) + "\";",
                            "write default, or a time from 1d to 3650d, such as 30d."));
            return null;
        }
        return new ArchiveSpec(retention);
    }

    /** Where the standard is wrong, the rule's own word would not tell. */
    private static String shown(String text, @Nullable Duration retention) {
        return text.equals(STANDARD) && retention != null ? "default, which is " + retention : text;
    }

    private static @Nullable Duration parse(String text) {
        try {
            return DurationConverter.parseDuration(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            return null;
        }
    }
}
