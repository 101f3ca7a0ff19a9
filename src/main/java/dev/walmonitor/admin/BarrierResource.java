package dev.walmonitor.admin;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.pipeline.Barrier;
import dev.walmonitor.pipeline.Pipelines;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
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
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Pipelines pipelines;
    private final MonitorDatabase database;
    private final SourceRepository sources;

    BarrierResource(Pipelines pipelines, MonitorDatabase database, SourceRepository sources) {
        this.pipelines = pipelines;
        this.database = database;
        this.sources = sources;
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
        Duration atMost = duration(timeout);
        return name(source)
                .map(name -> name.filter(this::isConfigured))
                .map(name -> name.orElseThrow(() -> Problems.unknownSource(source)))
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

    private static Duration duration(String text) {
        Duration duration;
        try {
            duration = DurationConverter.parseDuration(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            duration = null;
        }
        if (duration == null || duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw Problems.badParameter(
                    "timeout",
                    "Expected a time of at most 30s, such as 200ms or 2s, got \"" + text + "\"");
        }
        return duration;
    }

    private boolean isConfigured(String name) {
        return pipelines.sources().stream().anyMatch(profile -> profile.name().equals(name));
    }

    private Uni<Optional<String>> name(String nameOrId) {
        return SourceRepository.isId(nameOrId)
                ? database.ask(() -> sources.get(nameOrId)).map(found -> found.map(row -> row.name))
                : Uni.createFrom().item(Optional.of(nameOrId));
    }
}
