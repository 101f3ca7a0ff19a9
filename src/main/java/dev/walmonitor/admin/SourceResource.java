package dev.walmonitor.admin;

import dev.walmonitor.monitor.ExternalMonitors;
import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.Source;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.pipeline.Pipelines;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.RestResponse.StatusCode;
import org.jspecify.annotations.Nullable;

/** The sources that the monitor database knows. */
@Path("/api/v1/sources")
@Tag(name = "Sources")
class SourceResource {
    private final MonitorDatabase database;
    private final SourceRepository sources;
    private final ExternalMonitors external;
    private final Pipelines pipelines;

    SourceResource(
            MonitorDatabase database,
            SourceRepository sources,
            ExternalMonitors external,
            Pipelines pipelines) {
        this.database = database;
        this.sources = sources;
        this.external = external;
        this.pipelines = pipelines;
    }

    @GET
    @Operation(summary = "All sources, by id")
    public Uni<List<SourceView>> all() {
        return database.ask(sources::getAll).map(all -> all.stream().map(this::view).toList());
    }

    @GET
    @Path("/{source}")
    @Operation(summary = "One source")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = SourceView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source",
            content = @Content(mediaType = "application/problem+json"))
    public Uni<SourceView> one(
            @Parameter(description = "The source's id or name", example = "orders") @RestPath
                    String source) {
        return find(source).map(this::view);
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Makes a source known that another listener watches",
            description = "One that is known already stays as it is, and keeps its id.")
    @APIResponse(
            responseCode = "201",
            description = "It was not known before",
            content = @Content(schema = @Schema(implementation = SourceView.class)))
    @APIResponse(
            responseCode = "200",
            description = "It was known already",
            content = @Content(schema = @Schema(implementation = SourceView.class)))
    @APIResponse(
            responseCode = "400",
            description = "Something in the body cannot be read; the problem's field says what",
            content = @Content(mediaType = "application/problem+json"))
    public Uni<RestResponse<SourceView>> add(
            @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = SourceBody.class),
                                            examples =
                                                    @ExampleObject(
                                                            name = "a source",
                                                            value = "{\"name\": \"orders\"}")))
                    @Nullable String body) {
        SourceBody wanted = SourceBody.read(body);
        String kind = wanted.kind();
        return database.ask(() -> sources.add(wanted.name(), kind == null ? "" : kind))
                .map(added -> {
                    SourceView view = view(added.source());
                    return added.created()
                            ? ResponseBuilder.create(RestResponse.Status.CREATED, view)
                                    .location(URI.create("/api/v1/sources/" + view.id()))
                                    .build()
                            : RestResponse.ok(view);
                });
    }

    @DELETE
    @Path("/{source}")
    @ResponseStatus(StatusCode.NO_CONTENT)
    @Operation(summary = "Forgets a source, with its monitor row, metrics and history")
    @APIResponse(responseCode = "204", description = "It is gone")
    @APIResponse(
            responseCode = "404",
            description = "There is no such source",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "409",
            description = "It is one of the configuration",
            content = @Content(mediaType = "application/problem+json"))
    public Uni<Void> delete(
            @Parameter(description = "The source's id or name", example = "orders") @RestPath
                    String source) {
        return find(source)
                .invoke(found -> {
                    if (isConfigured(found.name)) {
                        throw Problems.configured(found.name);
                    }
                })
                .chain(external::forget)
                .invoke(deleted -> {
                    if (!deleted) {
                        throw Problems.unknownSource(source);
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Source> find(String nameOrId) {
        return database.ask(() -> sources.get(nameOrId))
                .map(found -> found.orElseThrow(() -> Problems.unknownSource(nameOrId)));
    }

    private SourceView view(Source source) {
        return SourceView.of(source, isConfigured(source.name));
    }

    private boolean isConfigured(String name) {
        return pipelines.sources().stream().anyMatch(profile -> profile.name().equals(name));
    }
}
