package dev.walmonitor.sink;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much a channel takes.
 *
 * @param interval between one message and the next
 */
public record Rate(Duration interval) {
    private static final Pattern WRITTEN = Pattern.compile("([1-9]\\d{0,5})\\s*/\\s*([smh])");

    /**
     * Reads {@code 1/s}, {@code 30/m} or {@code 1000/h}.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Rate parse(String text) {
        Matcher matcher = WRITTEN.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "Expected a rate such as 1/s, 30/m or 1000/h, got \"" + text + "\"");
        }
        Duration unit =
                switch (matcher.group(2)) {
                    case "s" -> Duration.ofSeconds(1);
                    case "m" -> Duration.ofMinutes(1);
                    default -> Duration.ofHours(1);
                };
        return new Rate(unit.dividedBy(Long.parseLong(matcher.group(1))));
    }

    /**
     * What is wrong with a setting that holds a rate.
     *
     * @param setting its name
     */
    public static Optional<String> fault(String setting, Optional<String> text) {
        try {
            var _ = text.map(Rate::parse);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(setting + " cannot be read. " + e.getMessage() + ".");
        }
    }

    /** What a setting says; empty if it is malformed, which {@link #fault} tells. */
    public static Optional<Rate> of(Optional<String> text) {
        return fault("", text).isPresent() ? Optional.empty() : text.map(Rate::parse);
    }
}
