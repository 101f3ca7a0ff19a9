package dev.walmonitor.admin;

import dev.walmonitor.pipeline.HandledChange;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.pipeline.RuleStanding;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;

/** Listens to what rules do for a while: nothing is kept, and it costs only while it is asked. */
@Path("/api/v1/replication/{source}/latencies")
@Tag(name = "Replication")
class LatencyResource {
    /** Within one part in a hundred. */
    private static final int DIGITS = 2;

    private final Pipelines pipelines;
    private final SourceNames names;

    LatencyResource(Pipelines pipelines, SourceNames names) {
        this.pipelines = pipelines;
        this.names = names;
    }

    @GET
    @Operation(
            summary = "Measure how long after their commit rules are done with changes",
            description =
                    "Listens from the request on, and answers when the time is over. From the commit, by the"
                            + " database's clock, to the end of the rule's work, by the service's; of each change that a"
                            + " rule has something to tell of.")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = LatencyView.class)))
    @APIResponse(responseCode = "400", description = "The time is none, or too long")
    @APIResponse(responseCode = "404", description = "There is no such source in this instance")
    @APIResponse(
            responseCode = "503",
            description =
                    "Another instance reads the source, or the monitor database does not answer")
    public Uni<LatencyView> latencies(
            @Parameter(description = "The source's id or name", example = "main") @RestPath
                    String source,
            @Parameter(description = "How long to listen, at most 30s", example = "5s")
                    @RestQuery("for")
                    @DefaultValue("1s")
                    String time) {
        Duration length = Parameters.patience("for", time, Duration.ofMillis(1), "500ms or 5s");
        return names.configured(source)
                .invoke(name -> Problems.demandHere(pipelines, name))
                .chain(name -> listen(name, length));
    }

    private Uni<LatencyView> listen(String source, Duration length) {
        Set<String> rules =
                pipelines.rules().stream()
                        .filter(rule -> rule.source().equals(source))
                        .map(RuleStanding::rule)
                        .collect(Collectors.toSet());
        return Window.first(pipelines.handled(), length, Infrastructure.getDefaultWorkerPool())
                .filter(handled -> rules.contains(handled.rule()))
                .collect()
                .<Map<String, Histogram>>in(TreeMap::new, LatencyResource::count)
                .map(found -> LatencyView.of(source, length.toMillis() / 1000.0, found));
    }

    private static void count(Map<String, Histogram> rules, HandledChange handled) {
        rules.computeIfAbsent(handled.rule(), rule -> new Histogram(DIGITS))
                .recordValue(Math.max(0, handled.sinceCommit().toNanos() / 1000));
    }
}
