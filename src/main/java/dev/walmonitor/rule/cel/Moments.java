package dev.walmonitor.rule.cel;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.TimestampT;
import org.projectnessie.cel.common.types.ref.Val;

/**
 * Dates and timestamps in PostgreSQL's ISO style as points in time: without a time it is midnight,
 * without an offset it is UTC. Infinity lies behind, or before, everything else.
 */
final class Moments {
    private static final TimestampT LATEST = at(LocalDateTime.MAX, ZoneOffset.UTC);
    private static final TimestampT EARLIEST = at(LocalDateTime.MIN, ZoneOffset.UTC);

    private Moments() {}

    static Val of(String text) {
        try {
            return switch (text) {
                case "infinity" -> LATEST;
                case "-infinity" -> EARLIEST;
                default -> parse(text);
            };
        } catch (DateTimeException | IllegalArgumentException | IndexOutOfBoundsException e) {
            return Err.newErr("not a timestamp");
        }
    }

    private static Val parse(String text) {
        boolean christ = !text.endsWith(" BC");
        String plain = christ ? text : text.substring(0, text.length() - 3);
        int space = plain.indexOf(' ');
        LocalDate date = date(space < 0 ? plain : plain.substring(0, space), christ);
        if (space < 0) {
            return at(date.atStartOfDay(), ZoneOffset.UTC);
        }
        int sign = Math.max(plain.indexOf('+', space), plain.indexOf('-', space));
        LocalTime time =
                LocalTime.parse(plain.substring(space + 1, sign < 0 ? plain.length() : sign));
        ZoneOffset offset = sign < 0 ? ZoneOffset.UTC : ZoneOffset.of(plain.substring(sign));
        return at(date.atTime(time), offset);
    }

    /** A year may have more than four digits; the year before 1 is 1 BC. */
    private static LocalDate date(String text, boolean christ) {
        int day = text.lastIndexOf('-');
        int month = text.lastIndexOf('-', day - 1);
        int year = Integer.parseInt(text.substring(0, month));
        return LocalDate.of(
                christ ? year : 1 - year,
                Integer.parseInt(text.substring(month + 1, day)),
                Integer.parseInt(text.substring(day + 1)));
    }

    private static TimestampT at(LocalDateTime time, ZoneOffset offset) {
        return TimestampT.timestampOf(ZonedDateTime.of(time, offset));
    }
}
