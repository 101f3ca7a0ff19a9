package dev.walmonitor.handler.json;

import static java.util.Map.entry;

import dev.walmonitor.handler.json.Shape.Scalar;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Types whose OIDs are the same in every database, as in {@code pg_type.dat}. Those whose text
 * depends on more than the value, such as regclass on the names of tables, are not among them.
 */
final class BuiltInTypes {
    static final int JSON = 114;
    static final int BOX = 603;

    /** User-defined types have OIDs from here on. */
    static final int FIRST_NORMAL = 16384;

    private static final Map<Integer, Shape> SHAPES = new HashMap<>();

    /** Elements by array. */
    private static final Map<Integer, Integer> ARRAYS =
            Map.ofEntries(
                    entry(143, 142),
                    entry(199, JSON),
                    entry(271, 5069),
                    entry(629, 628),
                    entry(651, 650),
                    entry(719, 718),
                    entry(775, 774),
                    entry(791, 790),
                    entry(1000, 16),
                    entry(1001, 17),
                    entry(1002, 18),
                    entry(1003, 19),
                    entry(1005, 21),
                    entry(1006, 22),
                    entry(1007, 23),
                    entry(1009, 25),
                    entry(1010, 27),
                    entry(1011, 28),
                    entry(1012, 29),
                    entry(1013, 30),
                    entry(1014, 1042),
                    entry(1015, 1043),
                    entry(1016, 20),
                    entry(1017, 600),
                    entry(1018, 601),
                    entry(1019, 602),
                    entry(1020, BOX),
                    entry(1021, 700),
                    entry(1022, 701),
                    entry(1027, 604),
                    entry(1028, 26),
                    entry(1040, 829),
                    entry(1041, 869),
                    entry(1115, 1114),
                    entry(1182, 1082),
                    entry(1183, 1083),
                    entry(1185, 1184),
                    entry(1187, 1186),
                    entry(1231, 1700),
                    entry(1270, 1266),
                    entry(1561, 1560),
                    entry(1563, 1562),
                    entry(2201, 1790),
                    entry(2949, 2970),
                    entry(2951, 2950),
                    entry(3221, 3220),
                    entry(3643, 3614),
                    entry(3645, 3615),
                    entry(3807, 3802),
                    entry(3905, 3904),
                    entry(3907, 3906),
                    entry(3909, 3908),
                    entry(3911, 3910),
                    entry(3913, 3912),
                    entry(3927, 3926),
                    entry(4073, 4072),
                    entry(5039, 5038),
                    entry(6150, 4451),
                    entry(6151, 4532),
                    entry(6152, 4533),
                    entry(6153, 4534),
                    entry(6155, 4535),
                    entry(6157, 4536));

    static {
        put(Scalar.BOOL, 16);
        put(Scalar.NUMBER, 20, 21, 23, 1700);
        put(Scalar.FLOAT, 700, 701);
        put(Scalar.TIMESTAMP, 1114);
        put(Scalar.TIMESTAMPTZ, 1184);
        put(Scalar.JSON, JSON);
        put(Scalar.JSONB, 3802);
        // bytea, "char", name, text, bpchar, varchar, xml, uuid, jsonpath, refcursor
        put(Scalar.TEXT, 17, 18, 19, 25, 1042, 1043, 142, 2950, 4072, 1790);
        // oid, tid, xid, cid, xid8, pg_lsn, pg_snapshot, txid_snapshot
        put(Scalar.TEXT, 26, 27, 28, 29, 5069, 3220, 5038, 2970);
        // point, lseg, path, box, polygon, line, circle
        put(Scalar.TEXT, 600, 601, 602, BOX, 604, 628, 718);
        // cidr, inet, macaddr, macaddr8, bit, varbit, money, tsvector, tsquery
        put(Scalar.TEXT, 650, 869, 829, 774, 1560, 1562, 790, 3614, 3615);
        // date, time, timetz, interval
        put(Scalar.TEXT, 1082, 1083, 1266, 1186);
        // ranges and multiranges of int4, num, ts, tstz, date, int8
        put(Scalar.TEXT, 3904, 3906, 3908, 3910, 3912, 3926);
        put(Scalar.TEXT, 4451, 4532, 4533, 4534, 4535, 4536);
        SHAPES.put(22, new Shape.VectorOf(Scalar.NUMBER));
        SHAPES.put(30, new Shape.VectorOf(Scalar.TEXT));
    }

    private BuiltInTypes() {}

    private static void put(Shape shape, int... types) {
        for (int type : types) {
            SHAPES.put(type, shape);
        }
    }

    /** What is known of a type that is no array. */
    static @Nullable Shape shape(int type) {
        return SHAPES.get(type);
    }

    /** The type of an array's elements. */
    static @Nullable Integer element(int type) {
        return ARRAYS.get(type);
    }
}
