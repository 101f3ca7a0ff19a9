package dev.walmonitor.process;

import java.util.List;
import java.util.Locale;

/** Figures over the same time, one below the other, as an SVG. */
final class Graph {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 110;
    private static final int LEFT = 150;
    private static final int TOP = 50;
    private static final int GAP = 30;

    private Graph() {}

    /** Each from zero to its highest value. */
    static String svg(String title, List<Series> all) {
        int height = TOP + all.size() * (HEIGHT + GAP) + GAP;
        StringBuilder svg = new StringBuilder();
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                                + " font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                                + "<text x=\"20\" y=\"28\" font-size=\"16\">%s</text>%n",
                        LEFT + WIDTH + 40,
                        height,
                        title));
        for (int i = 0; i < all.size(); i++) {
            panel(svg, all.get(i), TOP + i * (HEIGHT + GAP));
        }
        return svg.append("</svg>\n").toString();
    }

    private static void panel(StringBuilder svg, Series series, int top) {
        double most = Math.max(series.most(), 1e-9);
        double end = Math.max(series.seconds().getLast(), 1e-9);
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#f6f6f6\"/>%n"
                                + "<text x=\"20\" y=\"%d\">%s</text>%n"
                                + "<text x=\"20\" y=\"%d\" fill=\"#666\">0 to %.4g</text>%n"
                                + "<text x=\"%d\" y=\"%d\" fill=\"#666\" text-anchor=\"end\">%.0f s</text>%n"
                                + "<polyline fill=\"none\" stroke=\"#1560bd\" stroke-width=\"1.5\" points=\"",
                        LEFT,
                        top,
                        WIDTH,
                        HEIGHT,
                        top + 20,
                        series.name(),
                        top + 38,
                        most,
                        LEFT + WIDTH,
                        top + HEIGHT + 16,
                        end));
        for (int i = 0; i < series.values().size(); i++) {
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "%.1f,%.1f ",
                            LEFT + WIDTH * series.seconds().get(i) / end,
                            top + HEIGHT - HEIGHT * series.values().get(i) / most));
        }
        svg.append(String.format("\"/>%n"));
    }
}
