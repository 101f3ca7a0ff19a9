package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.pipeline.Pipelines;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Has archived changes done once more. */
@Path("/api/v1/replication/{source}/replay")
@Tag(name = "Changes")
class ReplayResource {
    private final Replays replays;
    private final Pipelines pipelines;
    private final MonitorDatabase database;
    private final SourceRepository sources;

    ReplayResource(
            Replays replays,
            Pipelines pipelines,
            MonitorDatabase database,
            SourceRepository sources) {
        this.replays = replays;
        this.pipelines = pipelines;
        this.database = database;
        this.sources = sources;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Have archived changes done once more, a page at a time",
            description =
                    "The changes wait for their rules as parked ones do, in their order and marked as"
                            + " replayed; what comes of the same rows meanwhile waits behind them. The next"
                            + " page is asked for with after, until next is null.")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = ReplayView.class)))
    @APIResponse(
            responseCode = "400",
            description = "It is not said from where, or something cannot be read",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source or rule, or no rule archives the changes",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "503",
            description =
                    "Another instance reads the source, or the monitor database does not answer",
            content = @Content(mediaType = "application/problem+json"))
    public Uni<ReplayView> replay(@RestPath String source, @Nullable ReplayRequest body) {
        ReplayRequest request = Objects.requireNonNullElse(body, ReplayRequest.NONE);
        var any = request.wanted(source);
        int most = request.most();
        return database.ask(() -> sources.get(source))
                .map(found -> found.orElseThrow(() -> Problems.unknownSource(source)).name)
                .invoke(name -> Problems.demandHere(pipelines, name))
                .chain(name -> replays.page(any.of(name), request.rule(), most, request.isDry()));
    }
}
