package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** How long after their commit the rules of a source were done with changes, within a time. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "Latencies")
record LatencyView(
        @Schema(examples = "main") String source,
        @Schema(description = "For how long it was listened", examples = "1.0") double seconds,
        @Schema(description = "Those that were done with a change meanwhile") List<OfRule> rules) {

    /** One rule. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "RuleLatencies")
    record OfRule(
            @Schema(examples = "roles") String rule,
            @Schema(examples = "120") long changes,
            @Schema(examples = "2.1") double p50Ms,
            @Schema(examples = "4.4") double p95Ms,
            @Schema(examples = "6.9") double p99Ms,
            @Schema(examples = "11.7") double p999Ms,
            @Schema(examples = "12.0") double maxMs,
            @Schema(description = "Every latency, within one part in a hundred, from short to long")
                    List<Count> recorded) {}

    /** So many changes took so long. */
    @Schema(name = "LatencyCount")
    record Count(
            @Schema(description = "At most", examples = "2111") long micros,
            @Schema(examples = "7") long changes) {}

    /**
     * @param rules in microseconds
     */
    static LatencyView of(String source, double seconds, Map<String, Histogram> rules) {
        return new LatencyView(
                source,
                seconds,
                rules.entrySet().stream()
                        .map(rule -> ofRule(rule.getKey(), rule.getValue()))
                        .toList());
    }

    private static OfRule ofRule(String rule, Histogram micros) {
        List<Count> recorded = new ArrayList<>();
        for (HistogramIterationValue each : micros.recordedValues()) {
            recorded.add(new Count(each.getValueIteratedTo(), each.getCountAtValueIteratedTo()));
        }
        return new OfRule(
                rule,
                micros.getTotalCount(),
                millis(micros.getValueAtPercentile(50)),
                millis(micros.getValueAtPercentile(95)),
                millis(micros.getValueAtPercentile(99)),
                millis(micros.getValueAtPercentile(99.9)),
                millis(micros.getMaxValue()),
                recorded);
    }

    private static double millis(long micros) {
        return micros / 1000.0;
    }
}
