package dev.walmonitor.source.postgres.types;

/** Values of type tsvector. */
final class TextSearchText {
    private static final String WEIGHTS = "DCBA";

    private TextSearchText() {}

    static String vector(BinaryValue in) {
        StringBuilder out = new StringBuilder();
        int words = in.count(3);
        for (int i = 0; i < words; i++) {
            out.append(i == 0 ? "" : " ").append('\'');
            out.append(in.untilZero().replace("'", "''").replace("\\", "\\\\"));
            out.append('\'');
            positions(out, in);
        }
        return out.toString();
    }

    private static void positions(StringBuilder out, BinaryValue in) {
        int positions = Short.toUnsignedInt(in.int16());
        for (int i = 0; i < positions; i++) {
            int position = Short.toUnsignedInt(in.int16());
            char weight = WEIGHTS.charAt(position >>> 14);
            out.append(i == 0 ? ':' : ',').append(position & 0x3FFF);
            if (weight != 'D') {
                out.append(weight);
            }
        }
    }
}
