package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.monitor.alert.AlertTable;
import dev.walmonitor.monitor.alert.AlertTable.Alert;
import dev.walmonitor.monitor.alert.AlertTable.Wanted;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** What somebody should know of the sources. The same on every instance. */
@Path("/api/v1/alerts")
@Tag(name = "Alerts")
class AlertResource {
    private final AlertTable alerts;

    AlertResource(AlertTable alerts) {
        this.alerts = alerts;
    }

    /** An alert as the API shows it. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "Alert")
    record AlertView(
            long id,
            String source,
            @Schema(examples = "retained-wal") String kind,
            @Schema(description = "The rule, if it is about one") @Nullable String rule,
            @Schema(examples = "active") String state,
            @Schema(description = "What is wrong") String sentence,
            @Schema(description = "What to do") String remedy,
            Instant raisedAt,
            @Nullable Instant clearedAt,
            @Schema(
                            description =
                                    "When everybody was told of it; absent while somebody could not be")
                    @Nullable Instant toldAt) {
        private static AlertView of(Alert alert) {
            return new AlertView(
                    alert.id(),
                    alert.source(),
                    alert.kind(),
                    alert.subject().isEmpty() ? null : alert.subject(),
                    alert.clearedAt() == null ? "active" : "cleared",
                    alert.sentence(),
                    alert.remedy(),
                    alert.raisedAt(),
                    alert.clearedAt(),
                    alert.raiseToldAt());
        }
    }

    @GET
    @Operation(
            summary = "What is wrong, and what to do about it, the newest first",
            description = "The next page is asked for with the last one's id as before.")
    @APIResponse(
            responseCode = "200",
            content =
                    @Content(
                            schema =
                                    @Schema(
                                            type = SchemaType.ARRAY,
                                            implementation = AlertView.class),
                            examples =
                                    @ExampleObject(
                                            name = "a slot that fills",
                                            value = Examples.ALERTS)))
    @APIResponse(
            responseCode = "400",
            description = "A parameter cannot be read",
            content = @Content(mediaType = "application/problem+json"))
    public Uni<List<AlertView>> list(
            @Parameter(description = "active, cleared or all", example = "all")
                    @RestQuery
                    @DefaultValue("active")
                    String state,
            @Parameter(description = "Only those of the source of this name", example = "main")
                    @RestQuery
                    @Nullable String source,
            @Parameter(description = "How many at most, 1 to 1000", example = "100")
                    @RestQuery
                    @DefaultValue("100")
                    String limit,
            @Parameter(description = "The id of the last one of the page before") @RestQuery
                    @Nullable String before) {
        Wanted wanted = wanted(state);
        int most = HistoryQuery.limit(limit);
        long end = before == null ? Long.MAX_VALUE : Parameters.id("before", before);
        if (source != null && source.indexOf(0) >= 0) {
            throw Problems.badParameter("source", "Expected a source's name");
        }
        return alerts.list(source, wanted, end, most)
                .map(all -> all.stream().map(AlertView::of).toList());
    }

    private static Wanted wanted(String state) {
        return switch (state) {
            case "active" -> Wanted.ACTIVE;
            case "cleared" -> Wanted.CLEARED;
            case "all" -> Wanted.ALL;
            default ->
                    throw Problems.badParameter(
                            "state", "Expected active, cleared or all, got \"" + state + "\"");
        };
    }
}
