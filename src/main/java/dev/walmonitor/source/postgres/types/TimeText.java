package dev.walmonitor.source.postgres.types;

import java.time.LocalDate;

/** Dates, times and intervals, in the styles ISO and postgres, in UTC. */
final class TimeText {
    private static final long SECOND = 1_000_000;
    private static final long HOUR = 3600 * SECOND;
    private static final long DAY = 24 * HOUR;
    private static final long EPOCH = LocalDate.of(2000, 1, 1).toEpochDay();

    private TimeText() {}

    static String date(BinaryValue in) {
        int days = in.int32();
        return switch (days) {
            case Integer.MAX_VALUE -> "infinity";
            case Integer.MIN_VALUE -> "-infinity";
            default -> {
                LocalDate date = LocalDate.ofEpochDay(EPOCH + days);
                StringBuilder out = new StringBuilder();
                day(out, date);
                yield era(out, date);
            }
        };
    }

    static String timestamp(BinaryValue in) {
        return moment(in.int64(), "");
    }

    static String timestampWithZone(BinaryValue in) {
        return moment(in.int64(), "+00");
    }

    private static String moment(long micros, String zone) {
        if (micros == Long.MAX_VALUE) {
            return "infinity";
        }
        if (micros == Long.MIN_VALUE) {
            return "-infinity";
        }
        LocalDate date = LocalDate.ofEpochDay(EPOCH + Math.floorDiv(micros, DAY));
        StringBuilder out = new StringBuilder(32);
        day(out, date);
        out.append(' ');
        clock(out, Math.floorMod(micros, DAY));
        return era(out.append(zone), date);
    }

    static String time(BinaryValue in) {
        StringBuilder out = new StringBuilder(15);
        clock(out, timeOfDay(in));
        return out.toString();
    }

    static String timeWithZone(BinaryValue in) {
        StringBuilder out = new StringBuilder(24);
        clock(out, timeOfDay(in));
        int west = in.int32();
        int seconds = Math.abs(west);
        out.append(west <= 0 ? '+' : '-');
        padded(out, seconds / 3600, 2);
        if (seconds % 3600 != 0) {
            padded(out.append(':'), seconds / 60 % 60, 2);
        }
        if (seconds % 60 != 0) {
            padded(out.append(':'), seconds % 60, 2);
        }
        return out.toString();
    }

    private static long timeOfDay(BinaryValue in) {
        long micros = in.int64();
        if (micros < 0 || micros > DAY) {
            throw new BinaryValue.Malformed();
        }
        return micros;
    }

    /**
     * @param infinite whether the server knows infinite intervals, as it does from 17 on
     */
    static String interval(BinaryValue in, boolean infinite) {
        long micros = in.int64();
        int days = in.int32();
        int months = in.int32();
        if (infinite && micros == Long.MAX_VALUE && days == Integer.MAX_VALUE) {
            return "infinity";
        }
        if (infinite && micros == Long.MIN_VALUE && days == Integer.MIN_VALUE) {
            return "-infinity";
        }
        StringBuilder out = new StringBuilder();
        boolean before = part(out, months / 12, "year", false);
        before = part(out, months % 12, "mon", before);
        before = part(out, days, "day", before);
        if (out.isEmpty() || micros != 0) {
            if (!out.isEmpty()) {
                out.append(' ');
            }
            out.append(micros < 0 ? "-" : before ? "+" : "");
            clock(out, micros);
        }
        return out.toString();
    }

    /**
     * @param before whether the part before it was negative, so that a plus must be shown
     * @return whether the next one must show it
     */
    private static boolean part(StringBuilder out, int value, String unit, boolean before) {
        if (value == 0) {
            return before;
        }
        if (!out.isEmpty()) {
            out.append(' ');
        }
        if (before && value > 0) {
            out.append('+');
        }
        out.append(value).append(' ').append(unit).append(value == 1 ? "" : "s");
        return value < 0;
    }

    private static void day(StringBuilder out, LocalDate date) {
        int year = date.getYear();
        padded(out, year > 0 ? year : 1 - year, 4);
        padded(out.append('-'), date.getMonthValue(), 2);
        padded(out.append('-'), date.getDayOfMonth(), 2);
    }

    private static String era(StringBuilder out, LocalDate date) {
        return out.append(date.getYear() > 0 ? "" : " BC").toString();
    }

    /** The size of it; the sign is the caller's. */
    private static void clock(StringBuilder out, long micros) {
        padded(out, Math.abs(micros / HOUR), 2);
        padded(out.append(':'), Math.abs(micros / (60 * SECOND) % 60), 2);
        padded(out.append(':'), Math.abs(micros / SECOND % 60), 2);
        long fraction = Math.abs(micros % SECOND);
        if (fraction != 0) {
            padded(out.append('.'), fraction, 6);
            while (out.charAt(out.length() - 1) == '0') {
                out.setLength(out.length() - 1);
            }
        }
    }

    private static void padded(StringBuilder out, long value, int width) {
        String text = Long.toString(value);
        out.repeat('0', Math.max(0, width - text.length())).append(text);
    }
}
