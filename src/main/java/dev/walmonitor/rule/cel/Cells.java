package dev.walmonitor.rule.cel;

import dev.walmonitor.change.ColumnValue;
import java.math.BigDecimal;
import org.projectnessie.cel.common.types.BoolT;
import org.projectnessie.cel.common.types.DoubleT;
import org.projectnessie.cel.common.types.Err;
import org.projectnessie.cel.common.types.IntT;
import org.projectnessie.cel.common.types.NullT;
import org.projectnessie.cel.common.types.StringT;
import org.projectnessie.cel.common.types.UnknownT;
import org.projectnessie.cel.common.types.ref.Val;

/** What a column's value is in an expression, by the column's type. */
final class Cells {
    static final Val UNKNOWN = UnknownT.unknownOf(0);
    static final Val NULL = NullT.NullValue;

    private static final Val UNREADABLE =
            Err.newErr("a value came in a binary form that is not known");

    private Cells() {}

    /** What becomes of a type. */
    private enum Kind {
        BOOL,
        INT,
        DOUBLE,
        DECIMAL,
        TIMESTAMP,
        TEXT
    }

    /** By the OIDs of {@code pg_type}, which never change for built-in types. */
    private static Kind kind(int type) {
        return switch (type) {
            case 16 -> Kind.BOOL;
            case 20, 21, 23, 26 -> Kind.INT; // int8, int2, int4, oid
            case 700, 701 -> Kind.DOUBLE;
            case 1700 -> Kind.DECIMAL;
            case 1082, 1114, 1184 -> Kind.TIMESTAMP; // date, timestamp, timestamptz
            default -> Kind.TEXT;
        };
    }

    static Val of(ColumnValue value, int type) {
        return switch (value) {
            case ColumnValue.Text text -> of(text.text(), type);
            case ColumnValue.Binary binary -> UNREADABLE;
            case ColumnValue.Null nothing -> NULL;
            case ColumnValue.Absent absent -> UNKNOWN;
        };
    }

    private static Val of(String text, int type) {
        try {
            return switch (kind(type)) {
                case BOOL -> text.startsWith("t") ? BoolT.True : BoolT.False;
                case INT -> IntT.intOf(Long.parseLong(text));
                case DOUBLE -> DoubleT.doubleOf(Double.parseDouble(text));
                case DECIMAL -> decimal(text);
                case TIMESTAMP -> Moments.of(text);
                case TEXT -> StringT.stringOf(text);
            };
        } catch (NumberFormatException e) {
            return Err.newErr("not a number");
        }
    }

    private static Val decimal(String text) {
        return switch (text) {
            case "NaN", "Infinity", "-Infinity" -> DoubleT.doubleOf(Double.parseDouble(text));
            default -> new Decimal(new BigDecimal(text));
        };
    }

    /** Any value of the type, for trying an expression out. */
    static ColumnValue example(int type) {
        return new ColumnValue.Text(
                switch (kind(type)) {
                    case BOOL -> "t";
                    case INT, DOUBLE, DECIMAL -> "1";
                    case TIMESTAMP -> "2026-01-01 00:00:00";
                    case TEXT -> "x";
                });
    }
}
