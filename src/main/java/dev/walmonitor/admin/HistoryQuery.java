package dev.walmonitor.admin;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.handler.ChangeArchive.Place;
import dev.walmonitor.handler.ChangeArchive.Wanted;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a caller wants of the archive, as he wrote it. */
final class HistoryQuery {
    static final int MOST = 1000;

    /** A change's id, or its end without the source. */
    private static final Pattern PLACE =
            Pattern.compile("(?:.*:)?(\\d{1,19}):([0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}):(\\d{1,10})");

    private HistoryQuery() {}

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if something in it cannot be read
     */
    static Wanted wanted(
            String source,
            @Nullable String table,
            @Nullable String key,
            @Nullable String from,
            @Nullable String to,
            @Nullable String lsnFrom,
            @Nullable String lsnTo,
            @Nullable String after) {
        if (key != null && table == null) {
            throw Problems.badParameter(
                    "key",
                    "Expected the parameter table beside key, as keys are those of one table");
        }
        Instant earliest = time("from", from);
        Instant latest = time("to", to);
        if (earliest != null && latest != null && !earliest.isBefore(latest)) {
            throw Problems.badParameter(
                    "to", "Expected a time after " + earliest + ", got " + latest);
        }
        return new Wanted(
                source,
                table == null ? null : TableName.parse(table),
                key,
                earliest,
                latest,
                position("lsn-from", lsnFrom),
                position("lsn-to", lsnTo),
                place(after));
    }

    private static @Nullable Instant time(String name, @Nullable String text) {
        return text == null ? null : Parameters.anyTime(name, text);
    }

    private static @Nullable Lsn position(String name, @Nullable String text) {
        try {
            return text == null ? null : Lsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw Problems.badParameter(name, String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable Place place(@Nullable String text) {
        if (text == null) {
            return null;
        }
        Matcher matcher = PLACE.matcher(text);
        try {
            if (matcher.matches()) {
                return new Place(
                        Long.parseLong(matcher.group(1)),
                        Lsn.parse(matcher.group(2)),
                        Integer.parseInt(matcher.group(3)));
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw Problems.badParameter(
                "after",
                "Expected a change's id or what \"next\" said, such as 1763740800:16/B374D848:0, got \""
                        + text
                        + "\"");
    }

    /** As {@code after} takes it. */
    static String place(RowChange change) {
        return change.transaction().epoch() + ":" + change.id();
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is no number, or out of bounds
     */
    static int limit(String text) {
        int limit = text.matches("\\d{1,4}") ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > MOST) {
            throw Problems.badParameter(
                    "limit", "Expected a number from 1 to " + MOST + ", got \"" + text + "\"");
        }
        return limit;
    }
}
