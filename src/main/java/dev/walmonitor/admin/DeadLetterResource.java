package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.monitor.DeadLetters;
import dev.walmonitor.monitor.DeadLetters.DeadLetter;
import dev.walmonitor.monitor.DeadLetters.RuleOf;
import dev.walmonitor.monitor.DeadLetters.Selection;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.SourceProfile;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Changes that were given up. */
@Path("/api/v1/dead-letters")
@Tag(name = "Dead letters")
class DeadLetterResource {
    private static final Logger LOG = Logger.getLogger(DeadLetterResource.class);
    private static final int MOST = 1_000;

    private final DeadLetters letters;
    private final Pipelines pipelines;

    DeadLetterResource(DeadLetters letters, Pipelines pipelines) {
        this.letters = letters;
        this.pipelines = pipelines;
    }

    /** One as the API shows it. */
    @JsonNaming(SnakeCaseStrategy.class)
    record LetterView(
            long id,
            String source,
            String rule,
            String change,
            String table,
            String operation,
            Instant committedAt,
            int attempts,
            @Nullable String error,
            Instant diedAt) {
        private static LetterView of(DeadLetter letter) {
            return new LetterView(
                    letter.id(),
                    letter.source(),
                    letter.rule(),
                    letter.change(),
                    letter.table(),
                    letter.operation(),
                    letter.committedAt(),
                    letter.attempts(),
                    letter.error(),
                    letter.diedAt());
        }
    }

    /**
     * Which ones; at least one of these, or {@code all}.
     *
     * @param table as {@code schema.name}
     */
    record Which(
            @Nullable List<Long> ids,
            @Nullable String source,
            @Nullable String rule,
            @Nullable String table,
            @Nullable Boolean all) {}

    /** How many it were. */
    record Count(long letters) {}

    @GET
    @Operation(
            summary =
                    "Changes that were given up, by their ids; the next page is asked for with after")
    public Uni<List<LetterView>> list(
            @RestQuery @Nullable List<Long> id,
            @RestQuery @Nullable String source,
            @RestQuery @Nullable String rule,
            @RestQuery @Nullable String table,
            @RestQuery @DefaultValue("0") long after,
            @RestQuery @DefaultValue("100") int limit) {
        if (limit < 1 || limit > MOST) {
            throw Problems.badRequest(
                    "Expected a limit from 1 to " + MOST + ", got " + limit + ".");
        }
        return letters.list(
                        new Selection(id == null ? List.of() : id, source, rule, table),
                        after,
                        limit)
                .map(all -> all.stream().map(LetterView::of).toList());
    }

    @POST
    @Path("/retry")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Try them again, by id, source, rule, table or all")
    @APIResponse(responseCode = "400", description = "It is not said which")
    @APIResponse(responseCode = "503", description = "Another instance reads a source")
    public Uni<Count> retry(@Nullable Which which) {
        return change("retry", which, letters::retry);
    }

    @POST
    @Path("/discard")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Forget them, by id, source, rule, table or all")
    @APIResponse(responseCode = "400", description = "It is not said which")
    @APIResponse(responseCode = "503", description = "Another instance reads a source")
    public Uni<Count> discard(@Nullable Which which) {
        return change("discard", which, letters::discard);
    }

    private Uni<Count> change(
            String verb, @Nullable Which which, Function<Selection, Uni<Map<RuleOf, Long>>> work) {
        Selection selection = selection(which);
        pipelines.sources().stream()
                .map(SourceProfile::name)
                .filter(name -> selection.source() == null || selection.source().equals(name))
                .forEach(name -> Problems.demandHere(pipelines, name));
        return work.apply(selection)
                .map(counts -> {
                    counts.forEach((of, count) -> {
                        LOG.infof("Dead letters: %s %d of rule %s.", verb, count, of.rule());
                        var _ = pipelines.parkedChanged(of.source(), of.rule());
                    });
                    return new Count(counts.values().stream().mapToLong(count -> count).sum());
                });
    }

    private static Selection selection(@Nullable Which which) {
        if (which == null) {
            throw Problems.badRequest("Expected ids, source, rule, table or all, got nothing.");
        }
        List<Long> ids = which.ids() == null ? List.of() : which.ids();
        boolean any =
                !ids.isEmpty()
                        || which.source() != null
                        || which.rule() != null
                        || which.table() != null;
        if (any == Boolean.TRUE.equals(which.all())) {
            throw Problems.badRequest(
                    "Expected either ids, source, rule or table, or {\"all\": true}.");
        }
        return new Selection(ids, which.source(), which.rule(), which.table());
    }
}
