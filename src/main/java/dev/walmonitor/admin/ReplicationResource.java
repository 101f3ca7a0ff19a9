package dev.walmonitor.admin;

import dev.walmonitor.monitor.LagSamples;
import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.pipeline.Pipelines;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;

/**
 * The replication of this instance. A source that is asked for by its name is shown without the
 * monitor database.
 */
@Path("/api/v1/replication/{source}")
@Tag(name = "Replication")
class ReplicationResource {
    private final Pipelines pipelines;
    private final LagSamples samples;
    private final MonitorDatabase database;
    private final SourceRepository sources;

    ReplicationResource(
            Pipelines pipelines,
            LagSamples samples,
            MonitorDatabase database,
            SourceRepository sources) {
        this.pipelines = pipelines;
        this.samples = samples;
        this.database = database;
        this.sources = sources;
    }

    @GET
    @Path("/status")
    @Operation(summary = "How a source stands at this moment, and what to do about it")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = ReplicationView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source in this instance",
            content =
                    @Content(
                            mediaType = "application/problem+json",
                            examples =
                                    @ExampleObject(
                                            name = "unknown source",
                                            value = Examples.UNKNOWN_SOURCE)))
    public Uni<ReplicationView> status(
            @Parameter(description = "The source's id or name", example = "main") @RestPath
                    String source) {
        return name(source)
                .map(name -> name.orElseThrow(() -> Problems.unknownSource(source)))
                .map(this::view);
    }

    private Uni<Optional<String>> name(String nameOrId) {
        return SourceRepository.isId(nameOrId)
                ? database.ask(() -> sources.get(nameOrId)).map(found -> found.map(row -> row.name))
                : Uni.createFrom().item(Optional.of(nameOrId));
    }

    private ReplicationView view(String source) {
        return pipelines.statuses().stream()
                .filter(status -> status.source().source().equals(source))
                .findFirst()
                .map(status -> ReplicationView.of(status, samples.latest(source)))
                .orElseGet(() -> notStarted(source));
    }

    private ReplicationView notStarted(String source) {
        if (pipelines.sources().stream().noneMatch(profile -> profile.name().equals(source))) {
            throw Problems.unknownSource(source);
        }
        return ReplicationView.notStarted(source);
    }
}
