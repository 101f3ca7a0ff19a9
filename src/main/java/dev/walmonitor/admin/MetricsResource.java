package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.Resolutions;
import dev.walmonitor.monitor.Resolutions.Choice;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.monitor.WalMetrics;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** How the sources came along over time. The same on every instance. */
@Path("/api/v1/wal-metrics")
@Tag(name = "Monitor")
class MetricsResource {
    private static final Duration DEFAULT_SPAN = Duration.ofHours(1);
    private static final int DEFAULT_POINTS = 240;

    private final MonitorDatabase database;
    private final SourceRepository sources;
    private final WalMetrics metrics;

    MetricsResource(MonitorDatabase database, SourceRepository sources, WalMetrics metrics) {
        this.database = database;
        this.sources = sources;
        this.metrics = metrics;
    }

    @GET
    @Path("/sources/{source_id}")
    @Operation(
            summary = "How a source came along, as series for charts",
            description =
                    "What is old is kept by minute, and what is older by hour; the answer says how fine it is.")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = MetricsView.class)))
    @APIResponse(
            responseCode = "400",
            description = "A parameter cannot be read, or there would be more than 2000 points",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source",
            content = @Content(mediaType = "application/problem+json"))
    public Uni<MetricsView> series(
            @Parameter(
                            name = "source_id",
                            description = "The source's id or name",
                            example = "main")
                    @RestPath("source_id")
                    String source,
            @Parameter(
                            description = "The first time; an hour before the last one if absent",
                            example = "2026-11-21T18:00:00Z")
                    @RestQuery
                    @Nullable String from,
            @Parameter(
                            description = "The first time that is too late; now if absent",
                            example = "2026-11-21T19:00:00Z")
                    @RestQuery
                    @Nullable String to,
            @Parameter(
                            description =
                                    "From one point to the next; a 240th of the time if absent",
                            example = "1m")
                    @RestQuery
                    @Nullable String step) {
        Instant now = Instant.now();
        Instant end = to == null ? now.truncatedTo(ChronoUnit.SECONDS) : Parameters.time("to", to);
        Instant begin = from == null ? end.minus(DEFAULT_SPAN) : Parameters.time("from", from);
        if (!begin.isBefore(end)) {
            throw Problems.badParameter("to", "Expected a time after " + begin + ", got " + end);
        }
        Duration span = Duration.between(begin, end);
        Duration wanted =
                step == null
                        ? Duration.ofSeconds(Math.ceilDiv(span.toSeconds() + 1, DEFAULT_POINTS))
                        : Parameters.step(step);
        Choice choice = metrics.resolutions().choose(begin, wanted, now);
        if (span.toSeconds() / choice.step() >= Resolutions.MOST_POINTS) {
            throw Problems.badParameter(
                    "step",
                    "Expected at most "
                            + Resolutions.MOST_POINTS
                            + " points, got a step of "
                            + choice.step()
                            + " s for "
                            + span.toSeconds()
                            + " s");
        }
        return database.ask(() -> sources.get(source))
                .map(found -> found.orElseThrow(() -> Problems.unknownSource(source)))
                .chain(found ->
                        metrics.read(found.id, choice, aligned(begin, choice), end)
                                .map(points ->
                                        MetricsView.of(found.name, begin, end, choice, points)));
    }

    /** The first point stands for the whole of its time. */
    private static Instant aligned(Instant begin, Choice choice) {
        long step = choice.step();
        return Instant.ofEpochSecond(Math.floorDiv(begin.getEpochSecond(), step) * step);
    }
}
