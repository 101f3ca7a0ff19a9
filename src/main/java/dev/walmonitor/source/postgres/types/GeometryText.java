package dev.walmonitor.source.postgres.types;

/** Points, and what is made of them. */
final class GeometryText {

    private GeometryText() {}

    static String point(BinaryValue in) {
        return "(" + number(in) + "," + number(in) + ")";
    }

    static String segment(BinaryValue in) {
        return "[" + points(in, 2) + "]";
    }

    static String box(BinaryValue in) {
        return points(in, 2);
    }

    static String line(BinaryValue in) {
        return "{" + number(in) + "," + number(in) + "," + number(in) + "}";
    }

    static String circle(BinaryValue in) {
        return "<" + point(in) + "," + number(in) + ">";
    }

    static String polygon(BinaryValue in) {
        return "(" + points(in, in.count(16)) + ")";
    }

    static String path(BinaryValue in) {
        boolean closed = in.int8() != 0;
        String points = points(in, in.count(16));
        return closed ? "(" + points + ")" : "[" + points + "]";
    }

    private static String points(BinaryValue in, int count) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < count; i++) {
            out.append(i == 0 ? "" : ",").append(point(in));
        }
        return out.toString();
    }

    private static String number(BinaryValue in) {
        return FloatText.of(in.float8());
    }
}
