package dev.walmonitor.process;

import java.util.List;

/**
 * A figure over time.
 *
 * @param seconds when, in order
 * @param values as many
 */
record Series(String name, List<Double> seconds, List<Double> values) {

    /** The second half of its time. */
    Series lastHalf() {
        int half = seconds.size() / 2;
        return new Series(
                name, seconds.subList(half, seconds.size()), values.subList(half, values.size()));
    }

    double mean() {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    double least() {
        return values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    }

    double most() {
        return values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }

    /**
     * By how much it rises from its begin to its end, along the straight line that fits it best.
     */
    double rise() {
        double meanX = seconds.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        double meanY = mean();
        double xy = 0;
        double xx = 0;
        for (int i = 0; i < seconds.size(); i++) {
            double x = seconds.get(i) - meanX;
            xy += x * (values.get(i) - meanY);
            xx += x * x;
        }
        return xx == 0 ? 0 : xy / xx * (seconds.getLast() - seconds.getFirst());
    }
}
