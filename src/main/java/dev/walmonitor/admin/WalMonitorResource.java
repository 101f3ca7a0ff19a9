package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.Source;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.monitor.WalMonitorRepository;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;

/** The monitor rows, as they are stored: the same on every instance. */
@Path("/api/v1/wal-monitor")
@Tag(name = "Monitor")
class WalMonitorResource {
    private final MonitorDatabase database;
    private final SourceRepository sources;
    private final WalMonitorRepository monitors;

    WalMonitorResource(
            MonitorDatabase database, SourceRepository sources, WalMonitorRepository monitors) {
        this.database = database;
        this.sources = sources;
        this.monitors = monitors;
    }

    @GET
    @Operation(summary = "The monitor rows of all sources, by source")
    public Uni<List<MonitorView>> all() {
        return database.ask(monitors::getAllMonitors)
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
                            mediaType = "application/problem+json",
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
}
