package dev.walmonitor.source.postgres.types;

/** The types whose values hold values of other types. */
final class Containers {
    private static final int NULL = -1;
    private static final int EMPTY = 0x01;
    private static final int LOWER_INCLUSIVE = 0x02;
    private static final int UPPER_INCLUSIVE = 0x04;
    private static final int LOWER_INFINITE = 0x08;
    private static final int UPPER_INFINITE = 0x10;

    /** As many as the server allows. */
    private static final int DIMENSIONS = 6;

    private Containers() {}

    /** The elements of an array are written row by row, each dimension in braces. */
    static String array(BinaryValue in, TypeCatalogue types) {
        int dimensions = dimensions(in);
        int element = element(in);
        if (dimensions == 0) {
            return "{}";
        }
        StringBuilder out = new StringBuilder();
        int[] sizes = new int[dimensions];
        boolean usual = true;
        for (int i = 0; i < dimensions; i++) {
            sizes[i] = in.int32();
            int lower = in.int32();
            if (sizes[i] <= 0) {
                throw new BinaryValue.Malformed();
            }
            usual &= lower == 1;
            out.append('[').append(lower).append(':').append(lower + sizes[i] - 1).append(']');
        }
        if (usual) {
            out.setLength(0);
        } else {
            out.append('=');
        }
        elements(out, in, sizes, 0, element, types);
        return out.toString();
    }

    private static int dimensions(BinaryValue in) {
        int dimensions = in.int32();
        if (dimensions < 0 || dimensions > DIMENSIONS) {
            throw new BinaryValue.Malformed();
        }
        return dimensions;
    }

    /** Behind flags that say what the elements say themselves: whether there are nulls. */
    private static int element(BinaryValue in) {
        int flags = in.int32();
        if (flags < 0 || flags > 1) {
            throw new BinaryValue.Malformed();
        }
        return in.int32();
    }

    private static void elements(
            StringBuilder out,
            BinaryValue in,
            int[] sizes,
            int dimension,
            int type,
            TypeCatalogue types) {
        char delimiter = types.delimiter(type);
        out.append('{');
        for (int i = 0; i < sizes[dimension]; i++) {
            if (i > 0) {
                out.append(delimiter);
            }
            if (dimension + 1 < sizes.length) {
                elements(out, in, sizes, dimension + 1, type, types);
                continue;
            }
            int length = in.int32();
            if (length == NULL) {
                out.append("NULL");
            } else {
                Quoting.element(out, types.text(type, in.within(length)), delimiter);
            }
        }
        out.append('}');
    }

    /** A list of numbers from 0 on, with spaces between them. */
    static String vector(BinaryValue in, TypeCatalogue types) {
        int dimensions = dimensions(in);
        int element = element(in);
        int size = dimensions == 0 ? 0 : in.int32();
        if (dimensions > 0) {
            int lower = in.int32();
            if (lower != 0) {
                throw new BinaryValue.Malformed();
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < size; i++) {
            out.append(i == 0 ? "" : " ").append(types.text(element, in.within(in.int32())));
        }
        return out.toString();
    }

    static String composite(BinaryValue in, TypeCatalogue types) {
        int columns = in.count(2 * Integer.BYTES);
        StringBuilder out = new StringBuilder("(");
        for (int i = 0; i < columns; i++) {
            out.append(i == 0 ? "" : ",");
            int type = in.int32();
            int length = in.int32();
            if (length != NULL) {
                Quoting.column(out, types.text(type, in.within(length)));
            }
        }
        return out.append(')').toString();
    }

    static String range(BinaryValue in, int of, TypeCatalogue types) {
        int flags = in.int8();
        if ((flags & EMPTY) != 0) {
            return "empty";
        }
        StringBuilder out = new StringBuilder();
        out.append((flags & LOWER_INCLUSIVE) == 0 ? '(' : '[');
        if ((flags & LOWER_INFINITE) == 0) {
            Quoting.bound(out, types.text(of, in.within(in.int32())));
        }
        out.append(',');
        if ((flags & UPPER_INFINITE) == 0) {
            Quoting.bound(out, types.text(of, in.within(in.int32())));
        }
        return out.append((flags & UPPER_INCLUSIVE) == 0 ? ')' : ']').toString();
    }

    static String multirange(BinaryValue in, int of, TypeCatalogue types) {
        int ranges = in.count(Integer.BYTES + 1);
        StringBuilder out = new StringBuilder("{");
        for (int i = 0; i < ranges; i++) {
            BinaryValue range = in.within(in.int32());
            out.append(i == 0 ? "" : ",").append(range(range, of, types));
            range.end();
        }
        return out.append('}').toString();
    }
}
