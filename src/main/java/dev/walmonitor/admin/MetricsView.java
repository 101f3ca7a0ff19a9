package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.monitor.Resolutions.Choice;
import dev.walmonitor.monitor.WalMetrics.Point;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How a source stood over time, a list a figure, as charts take it. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "WalMetrics")
record MetricsView(
        @Schema(examples = "main") String source,
        Instant from,
        Instant to,
        @Schema(
                        description =
                                "From one point to the next; more than was asked for where only more is kept",
                        examples = "60")
                int stepSeconds,
        @Schema(description = "Where each point's time begins") List<Instant> times,
        Lists series) {

    /** As many values as there are times; null where nothing is known. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "WalMetricsSeries")
    record Lists(
            @Schema(description = "How far the source had come, in bytes")
                    List<@Nullable Long> walPosition,
            @Schema(description = "Log that was written and not yet confirmed, on average")
                    List<@Nullable Long> lagBytes,
            @Schema(description = "The same, at most") List<@Nullable Long> lagBytesMax,
            @Schema(description = "Log that the database kept on disk for us, at most")
                    List<@Nullable Long> retainedBytes,
            @Schema(description = "How fast the source came along")
                    List<@Nullable Double> walBytesPerSecond,
            @Schema(description = "Changes that a rule wants")
                    List<@Nullable Double> changesPerSecond) {}

    static MetricsView of(
            String source, Instant from, Instant to, Choice choice, List<Point> points) {
        Map<Instant, Point> known = new HashMap<>();
        points.forEach(point -> known.put(point.at(), point));
        List<Instant> times = times(from, to, choice.step());
        return new MetricsView(
                source,
                from,
                to,
                choice.step(),
                times,
                new Lists(
                        list(times, known, Point::position),
                        list(times, known, Point::lagBytes),
                        list(times, known, Point::lagBytesMax),
                        list(times, known, Point::retainedBytes),
                        list(times, known, Point::walBytesPerSecond),
                        list(times, known, Point::changesPerSecond)));
    }

    private static List<Instant> times(Instant from, Instant to, int step) {
        List<Instant> times = new ArrayList<>();
        long second = Math.floorDiv(from.getEpochSecond(), step) * (long) step;
        for (; second < to.getEpochSecond(); second += step) {
            times.add(Instant.ofEpochSecond(second));
        }
        return times;
    }

    private static <T> List<@Nullable T> list(
            List<Instant> times, Map<Instant, Point> known, Function<Point, @Nullable T> value) {
        List<@Nullable T> values = new ArrayList<>();
        for (Instant time : times) {
            Point point = known.get(time);
            values.add(point == null ? null : value.apply(point));
        }
        return values;
    }
}
