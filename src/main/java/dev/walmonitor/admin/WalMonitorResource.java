package dev.walmonitor.admin;

import dev.walmonitor.monitor.ExternalMonitors;
import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.MonitorStatus;
import dev.walmonitor.monitor.MonitorUpdate;
import dev.walmonitor.monitor.Source;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.monitor.UnknownSourceException;
import dev.walmonitor.monitor.WalMonitorRepository;
import dev.walmonitor.pipeline.Pipelines;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.StatusCode;
import org.jspecify.annotations.Nullable;

/**
 * The monitor rows, as they are stored: the same on every instance. Those of other listeners'
 * sources are written here too.
 */
@Path("/api/v1/wal-monitor")
@Tag(name = "Monitor")
class WalMonitorResource {
    private static final String PROBLEM = "application/problem+json";

    private final MonitorDatabase database;
    private final SourceRepository sources;
    private final WalMonitorRepository monitors;
    private final ExternalMonitors external;
    private final Pipelines pipelines;

    WalMonitorResource(
            MonitorDatabase database,
            SourceRepository sources,
            WalMonitorRepository monitors,
            ExternalMonitors external,
            Pipelines pipelines) {
        this.database = database;
        this.sources = sources;
        this.monitors = monitors;
        this.external = external;
        this.pipelines = pipelines;
    }

    @GET
    @Operation(
            summary = "The monitor rows of all sources, by source",
            description = "The next page is asked for with the last row's source_id as after.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            schema =
                                    @Schema(
                                            type = SchemaType.ARRAY,
                                            implementation = MonitorView.class)))
    @APIResponse(
            responseCode = "400",
            description = "A parameter cannot be read",
            content = @Content(mediaType = PROBLEM))
    public Uni<List<MonitorView>> all(
            @Parameter(
                            description = "Only rows that say so: ACTIVE, IDLE or ERROR",
                            example = "ERROR")
                    @RestQuery
                    @Nullable String status,
            @Parameter(description = "How many at most, 1 to 1000", example = "100")
                    @RestQuery
                    @DefaultValue("1000")
                    String limit,
            @Parameter(description = "The source_id of the last row of the page before")
                    @RestQuery
                    @DefaultValue("0")
                    String after) {
        MonitorStatus only = status == null ? null : Parameters.status(status);
        int most = HistoryQuery.limit(limit);
        int last = Parameters.after(after);
        return database.ask(() -> monitors.getMonitors(only, last, most))
                .map(all -> all.stream().map(MonitorView::of).toList());
    }

    @GET
    @Path("/sources/{source_id}")
    @Operation(summary = "The monitor row of one source")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = MonitorView.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source, or nothing is known of it yet",
            content =
                    @Content(
                            mediaType = PROBLEM,
                            examples =
                                    @ExampleObject(
                                            name = "unknown source",
                                            value = Examples.UNKNOWN_SOURCE)))
    public Uni<MonitorView> one(
            @Parameter(
                            name = "source_id",
                            description = "The source's id or name",
                            example = "main")
                    @RestPath("source_id")
                    String source) {
        return database.ask(() -> sources.get(source))
                .map(found -> found.orElseThrow(() -> Problems.unknownSource(source)))
                .chain(this::row);
    }

    private Uni<MonitorView> row(Source source) {
        return database.ask(() -> monitors.getBySource(source.id))
                .map(found -> found.orElseThrow(() -> Problems.noMonitor(source.name)))
                .map(MonitorView::of);
    }

    @POST
    @Path("/sources/{source_id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Creates or updates the monitor row of a source",
            description =
                    "Fields that are absent stay as they are, null clears. Any number of writers leave one row.")
    @APIResponse(
            responseCode = "201",
            description = "The row is new",
            content = @Content(schema = @Schema(implementation = MonitorView.class)))
    @APIResponse(
            responseCode = "200",
            description = "The row was there, and keeps its id",
            content = @Content(schema = @Schema(implementation = MonitorView.class)))
    @APIResponse(
            responseCode = "400",
            description = "Something in the body cannot be read; the problem's field says what",
            content =
                    @Content(
                            mediaType = PROBLEM,
                            examples = @ExampleObject(name = "no LSN", value = Examples.BAD_FIELD)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source",
            content =
                    @Content(
                            mediaType = PROBLEM,
                            examples =
                                    @ExampleObject(
                                            name = "unknown source",
                                            value = Examples.UNKNOWN_SOURCE)))
    @APIResponse(
            responseCode = "409",
            description = "The source is one of the configuration",
            content = @Content(mediaType = PROBLEM))
    public Uni<RestResponse<MonitorView>> upsert(
            @Parameter(
                            name = "source_id",
                            description = "The source's id or name",
                            example = "orders")
                    @RestPath("source_id")
                    String source,
            @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = MonitorBody.class),
                                            examples =
                                                    @ExampleObject(
                                                            name = "a listener's state",
                                                            value = Examples.MONITOR_UPDATE)))
                    @Nullable String body) {
        JsonFields fields = JsonFields.object(body, MonitorBody.FIELDS);
        MonitorUpdate update = MonitorBody.update(fields);
        return writable(source, fields)
                .chain(found -> external.upsert(found, update))
                .onFailure(UnknownSourceException.class)
                .transform(gone -> Problems.unknownSource(source))
                .map(done ->
                        RestResponse.ResponseBuilder.create(
                                        done.created()
                                                ? RestResponse.Status.CREATED
                                                : RestResponse.Status.OK,
                                        MonitorView.of(done.row()))
                                .build());
    }

    @PATCH
    @Path("/sources/{source_id}/status")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Changes the status of a source's monitor row, and its message",
            description = "Without error_message the row has none afterwards.")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = MonitorView.class)))
    @APIResponse(
            responseCode = "400",
            description = "Something in the body cannot be read; the problem's field says what",
            content = @Content(mediaType = PROBLEM))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source, or it has no row",
            content = @Content(mediaType = PROBLEM))
    @APIResponse(
            responseCode = "409",
            description = "The source is one of the configuration",
            content = @Content(mediaType = PROBLEM))
    public Uni<MonitorView> status(
            @Parameter(
                            name = "source_id",
                            description = "The source's id or name",
                            example = "orders")
                    @RestPath("source_id")
                    String source,
            @RequestBody(
                            content =
                                    @Content(
                                            schema = @Schema(implementation = StatusBody.class),
                                            examples =
                                                    @ExampleObject(
                                                            name = "an error",
                                                            value = Examples.STATUS_UPDATE)))
                    @Nullable String body) {
        JsonFields fields = JsonFields.object(body, MonitorBody.STATUS_FIELDS);
        MonitorStatus status = MonitorBody.status(fields);
        String error = MonitorBody.error(fields);
        return writable(source, fields)
                .chain(found ->
                        external.status(found, status, error)
                                .map(row -> row.orElseThrow(() -> Problems.noMonitor(found.name))))
                .map(MonitorView::of);
    }

    @DELETE
    @Path("/sources/{source_id}")
    @ResponseStatus(StatusCode.NO_CONTENT)
    @Operation(summary = "Deletes the monitor row of a source; the source stays known")
    @APIResponse(responseCode = "204", description = "It is gone")
    @APIResponse(
            responseCode = "404",
            description = "There is no such source, or it has no row",
            content = @Content(mediaType = PROBLEM))
    @APIResponse(
            responseCode = "409",
            description = "The source is one of the configuration",
            content = @Content(mediaType = PROBLEM))
    public Uni<Void> delete(
            @Parameter(
                            name = "source_id",
                            description = "The source's id or name",
                            example = "orders")
                    @RestPath("source_id")
                    String source) {
        return writable(source)
                .chain(found ->
                        external.delete(found)
                                .invoke(deleted -> {
                                    if (!deleted) {
                                        throw Problems.noMonitor(found.name);
                                    }
                                }))
                .replaceWithVoid();
    }

    @POST
    @Path("/batch")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Creates or updates the monitor rows of up to 1000 sources, all or none",
            description =
                    "Each object names its source in source_id, by id or name. The rows come back in the same order.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            schema =
                                    @Schema(
                                            type = SchemaType.ARRAY,
                                            implementation = MonitorView.class)))
    @APIResponse(
            responseCode = "400",
            description = "Something in the body cannot be read; the problem's field says what",
            content = @Content(mediaType = PROBLEM))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source; nothing was written",
            content = @Content(mediaType = PROBLEM))
    @APIResponse(
            responseCode = "409",
            description = "A source is one of the configuration; nothing was written",
            content = @Content(mediaType = PROBLEM))
    public Uni<List<MonitorView>> batch(
            @RequestBody(
                            content =
                                    @Content(
                                            schema =
                                                    @Schema(
                                                            type = SchemaType.ARRAY,
                                                            implementation = MonitorBody.class),
                                            examples =
                                                    @ExampleObject(
                                                            name = "two listeners",
                                                            value = Examples.BATCH)))
                    @Nullable String body) {
        List<MonitorBatch.Entry> entries = MonitorBatch.read(body);
        return database.ask(sources::getAll)
                .map(all -> MonitorBatch.of(entries, all, this::isConfigured))
                .chain(batch -> external.upsert(batch.updates(), batch.names()))
                .onFailure(UnknownSourceException.class)
                .transform(gone -> Problems.unknownSource(String.valueOf(gone.id())))
                .map(all -> all.stream().map(done -> MonitorView.of(done.row())).toList());
    }

    private Uni<Source> writable(String nameOrId, JsonFields body) {
        return writable(nameOrId).invoke(found -> MonitorBody.demandSame(body, found));
    }

    private Uni<Source> writable(String nameOrId) {
        return external.find(nameOrId)
                .map(found -> found.orElseThrow(() -> Problems.unknownSource(nameOrId)))
                .invoke(found -> {
                    if (isConfigured(found.name)) {
                        throw Problems.configured(found.name);
                    }
                });
    }

    private boolean isConfigured(String name) {
        return pipelines.sources().stream().anyMatch(profile -> profile.name().equals(name));
    }
}
