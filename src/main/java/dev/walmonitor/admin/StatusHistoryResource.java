package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.MonitorStatus;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.monitor.StatusHistory;
import dev.walmonitor.monitor.StatusHistory.Turn;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** When monitor rows said something else. The same on every instance. */
@Path("/api/v1/wal-monitor/sources/{source_id}/history")
@Tag(name = "Monitor")
class StatusHistoryResource {
    private final MonitorDatabase database;
    private final SourceRepository sources;
    private final StatusHistory history;

    StatusHistoryResource(
            MonitorDatabase database, SourceRepository sources, StatusHistory history) {
        this.database = database;
        this.sources = sources;
        this.history = history;
    }

    /** A change of status as the API shows it. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "StatusChange")
    record TurnView(
            long id,
            Instant at,
            @Schema(description = "Absent where the row was made")
                    @Nullable MonitorStatus oldStatus,
            MonitorStatus status,
            @Nullable String errorMessage,
            @Nullable String walLsn) {
        private static TurnView of(Turn turn) {
            return new TurnView(
                    turn.id(), turn.at(), turn.before(), turn.status(), turn.error(), turn.lsn());
        }
    }

    @GET
    @Operation(
            summary = "When a source's monitor row got another status, the newest first",
            description = "The next page is asked for with the last one's id as before.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            schema =
                                    @Schema(
                                            type = SchemaType.ARRAY,
                                            implementation = TurnView.class)))
    @APIResponse(
            responseCode = "400",
            description = "A parameter cannot be read",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source",
            content = @Content(mediaType = "application/problem+json"))
    public Uni<List<TurnView>> history(
            @Parameter(
                            name = "source_id",
                            description = "The source's id or name",
                            example = "main")
                    @RestPath("source_id")
                    String source,
            @Parameter(description = "How many at most, 1 to 1000", example = "100")
                    @RestQuery
                    @DefaultValue("100")
                    String limit,
            @Parameter(description = "The id of the last one of the page before") @RestQuery
                    @Nullable String before) {
        int most = HistoryQuery.limit(limit);
        long end = before == null ? Long.MAX_VALUE : Parameters.id("before", before);
        return database.ask(() -> sources.get(source))
                .map(found -> found.orElseThrow(() -> Problems.unknownSource(source)))
                .chain(found -> history.list(found.id, end, most))
                .map(all -> all.stream().map(TurnView::of).toList());
    }
}
