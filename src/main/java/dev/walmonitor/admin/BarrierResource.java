package dev.walmonitor.admin;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.pipeline.Barrier;
import dev.walmonitor.pipeline.Pipelines;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Lets an application read its own writes out of the caches. */
@Path("/api/v1/barrier")
@Tag(name = "Barrier")
class BarrierResource {
    private static final String MAIN = "main";
    private static final String DEFAULT_TIMEOUT = "1s";

    private final Pipelines pipelines;
    private final SourceNames names;

    BarrierResource(Pipelines pipelines, SourceNames names) {
        this.pipelines = pipelines;
        this.names = names;
    }

    @GET
    @Operation(
            summary = "Waits until rules have applied everything that was committed up to a place",
            description =
                    "Answers as soon as every rule that is asked for has done its work for every change of every"
                            + " transaction that ends at or before the place.")
    @APIResponse(responseCode = "204", description = "Applied")
    @APIResponse(
            responseCode = "400",
            description = "The place or the timeout is none",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source, or it has no such rule",
            content =
                    @Content(
                            mediaType = "application/problem+json",
                            examples =
                                    @ExampleObject(
                                            name = "unknown source",
                                            value = Examples.UNKNOWN_SOURCE)))
    @APIResponse(
            responseCode = "503",
            description = "Another instance reads the source, or its database does not answer",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "504",
            description = "Not applied in time; says where the stream and each rule stand",
            content =
                    @Content(
                            mediaType = "application/problem+json",
                            examples =
                                    @ExampleObject(
                                            name = "a rule is behind",
                                            value = Examples.BARRIER_BEHIND)))
    public Uni<Response> barrier(
            @Parameter(description = "The source's id or name", example = "main")
                    @RestQuery
                    @DefaultValue(MAIN)
                    String source,
            @Parameter(
                            description =
                                    "The place, as pg_current_wal_flush_lsn() gives it after the COMMIT; absent:"
                                            + " where the log ends when the request comes",
                            example = "16/B374D848")
                    @RestQuery
                    @Nullable String lsn,
            @Parameter(description = "One rule; absent: every cache rule of the source") @RestQuery
                    @Nullable String rule,
            @Parameter(description = "How long to wait, at most 30s", example = "200ms")
                    @RestQuery
                    @DefaultValue(DEFAULT_TIMEOUT)
                    String timeout) {
        Lsn place = lsn == null ? null : place(lsn);
        Duration atMost = Parameters.patience("timeout", timeout, Duration.ZERO, "200ms or 2s");
        return names.configured(source)
                .chain(name ->
                        pipelines
                                .barrier(name, place, rule, atMost)
                                .map(barrier -> response(name, rule, atMost, barrier)));
    }

    /**
     * What is no fault of ours or of the caller's is answered, not thrown, and so is not logged.
     */
    private static Response response(
            String source, @Nullable String rule, Duration atMost, Barrier barrier) {
        return switch (barrier) {
            case Barrier.Applied applied -> Response.noContent().build();
            case Barrier.Blocked blocked -> BarrierProblems.blocked(source, blocked).toResponse();
            case Barrier.Behind behind ->
                    BarrierProblems.behind(source, atMost, behind).toResponse();
            case Barrier.Elsewhere elsewhere ->
                    BarrierProblems.elsewhere(source, elsewhere.state()).toResponse();
            case Barrier.NoPlace none -> BarrierProblems.noPlace(source, none.why()).toResponse();
            case Barrier.NoRule none ->
                    throw BarrierProblems.unknownRule(source, rule, none.known());
        };
    }

    private static Lsn place(String text) {
        try {
            return Lsn.parse(text).endOfRecord();
        } catch (IllegalArgumentException e) {
            throw Problems.badParameter("lsn", String.valueOf(e.getMessage()));
        }
    }
}
