package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.SourceRepository;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The sources that the monitor database knows. */
@Path("/api/v1/sources")
@Tag(name = "Sources")
class SourceResource {
    private final MonitorDatabase database;
    private final SourceRepository sources;

    SourceResource(MonitorDatabase database, SourceRepository sources) {
        this.database = database;
        this.sources = sources;
    }

    @GET
    @Operation(summary = "All sources, by id")
    public Uni<List<SourceView>> all() {
        return database.ask(sources::getAll).map(all -> all.stream().map(SourceView::of).toList());
    }
}
