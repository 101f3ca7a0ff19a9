package dev.walmonitor.source.postgres.types;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The types that hold no others, by the name of the function that sends them: so a domain is sent
 * as what it is made of, and types of one form share a function. Those whose text depends on
 * settings or on the catalogue (money, regclass and the like) are not among them.
 */
final class Scalars {
    private static final Map<String, TextForm> FORMS =
            Map.ofEntries(
                    Map.entry("boolsend", in -> in.int8() == 0 ? "f" : "t"),
                    Map.entry("int2send", in -> Short.toString(in.int16())),
                    Map.entry("int4send", in -> Integer.toString(in.int32())),
                    Map.entry("int8send", in -> Long.toString(in.int64())),
                    Map.entry("oidsend", Scalars::unsigned),
                    Map.entry("xidsend", Scalars::unsigned),
                    Map.entry("cidsend", Scalars::unsigned),
                    Map.entry("xid8send", in -> Long.toUnsignedString(in.int64())),
                    Map.entry("float4send", in -> FloatText.of(Float.intBitsToFloat(in.int32()))),
                    Map.entry("float8send", in -> FloatText.of(in.float8())),
                    Map.entry("numeric_send", NumericText::of),
                    Map.entry("textsend", BinaryValue::rest),
                    Map.entry("varcharsend", BinaryValue::rest),
                    Map.entry("bpcharsend", BinaryValue::rest),
                    Map.entry("namesend", BinaryValue::rest),
                    Map.entry("citextsend", BinaryValue::rest),
                    Map.entry("json_send", BinaryValue::rest),
                    Map.entry("xml_send", BinaryValue::rest),
                    Map.entry("enum_send", BinaryValue::rest),
                    Map.entry("jsonb_send", Scalars::versioned),
                    Map.entry("jsonpath_send", Scalars::versioned),
                    Map.entry("charsend", Scalars::letter),
                    Map.entry("byteasend", Scalars::bytes),
                    Map.entry("uuid_send", in -> new UUID(in.int64(), in.int64()).toString()),
                    Map.entry("date_send", TimeText::date),
                    Map.entry("time_send", TimeText::time),
                    Map.entry("timetz_send", TimeText::timeWithZone),
                    Map.entry("timestamp_send", TimeText::timestamp),
                    Map.entry("timestamptz_send", TimeText::timestampWithZone),
                    Map.entry("inet_send", NetworkText::inet),
                    Map.entry("cidr_send", NetworkText::cidr),
                    Map.entry("macaddr_send", NetworkText::hardware),
                    Map.entry("macaddr8_send", NetworkText::hardware),
                    Map.entry("bit_send", Scalars::bits),
                    Map.entry("varbit_send", Scalars::bits),
                    Map.entry("tidsend", Scalars::place),
                    Map.entry("point_send", GeometryText::point),
                    Map.entry("lseg_send", GeometryText::segment),
                    Map.entry("box_send", GeometryText::box),
                    Map.entry("line_send", GeometryText::line),
                    Map.entry("circle_send", GeometryText::circle),
                    Map.entry("poly_send", GeometryText::polygon),
                    Map.entry("path_send", GeometryText::path),
                    Map.entry("tsvectorsend", TextSearchText::vector));

    private static final int INFINITE_INTERVALS = 170_000;
    private static final int PADDED_POSITIONS = 190_000;

    private Scalars() {}

    /**
     * @param send the function's name
     * @param serverVersion as in {@code server_version_num}
     */
    static @Nullable TextForm form(String send, int serverVersion) {
        return switch (send) {
            case "interval_send" ->
                    in -> TimeText.interval(in, serverVersion >= INFINITE_INTERVALS);
            case "pg_lsn_send" ->
                    serverVersion >= PADDED_POSITIONS
                            ? in -> "%X/%08X".formatted(in.int32(), in.int32())
                            : in -> "%X/%X".formatted(in.int32(), in.int32());
            default -> FORMS.get(send);
        };
    }

    private static String unsigned(BinaryValue in) {
        return Integer.toUnsignedString(in.int32());
    }

    private static String versioned(BinaryValue in) {
        if (in.int8() != 1) {
            throw new BinaryValue.Malformed();
        }
        return in.rest();
    }

    /** A single byte; beyond ASCII as its number, as servers from 16 on print it. */
    private static String letter(BinaryValue in) {
        int letter = Byte.toUnsignedInt(in.int8());
        if (letter == 0) {
            return "";
        }
        return letter < 128
                ? String.valueOf((char) letter)
                : "\\" + String.format(Locale.ROOT, "%03o", letter);
    }

    private static String bytes(BinaryValue in) {
        StringBuilder out = new StringBuilder(2 + 2 * in.remaining()).append("\\x");
        while (in.remaining() > 0) {
            HexFormat.of().toHexDigits(out, in.int8());
        }
        return out.toString();
    }

    private static String bits(BinaryValue in) {
        int length = in.int32();
        if (length < 0 || (length + 7L) / 8 != in.remaining()) {
            throw new BinaryValue.Malformed();
        }
        StringBuilder out = new StringBuilder(length);
        int eight = 0;
        for (int i = 0; i < length; i++) {
            if (i % 8 == 0) {
                eight = in.int8();
            }
            out.append((eight >>> (7 - i % 8) & 1) == 0 ? '0' : '1');
        }
        return out.toString();
    }

    private static String place(BinaryValue in) {
        return "("
                + Integer.toUnsignedString(in.int32())
                + ","
                + Short.toUnsignedInt(in.int16())
                + ")";
    }
}
