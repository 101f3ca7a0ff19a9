package dev.walmonitor.admin;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.monitor.LagSamples;
import dev.walmonitor.monitor.budget.Budgets;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.Consent;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * The replication of this instance. A source that is asked for by its name is answered for without
 * the monitor database.
 */
@Path("/api/v1/replication/{source}")
@Tag(name = "Replication")
class ReplicationResource {
    private static final long HIGHEST_XID = 0xFFFF_FFFFL;

    private final Pipelines pipelines;
    private final LagSamples samples;
    private final Budgets budgets;
    private final SourceNames names;

    ReplicationResource(
            Pipelines pipelines, LagSamples samples, Budgets budgets, SourceNames names) {
        this.pipelines = pipelines;
        this.samples = samples;
        this.budgets = budgets;
        this.names = names;
    }

    /** What was begun. */
    record Begun(
            @Schema(
                            examples =
                                    "Slot wal_monitor is made anew; what was not read is a gap on record.")
                    String detail) {}

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
        return names.known(source).map(this::view);
    }

    @POST
    @Path("/pause")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(RestResponse.StatusCode.ACCEPTED)
    @Operation(
            summary = "Read nothing more of a source",
            description =
                    "What was read is handled, the slot stays ours, and the database keeps its log."
                            + " The pause ends with the process; another instance knows nothing of it.")
    @APIResponse(responseCode = "202", description = "It is told")
    @APIResponse(responseCode = "404", description = "There is no such source in this instance")
    @APIResponse(responseCode = "409", description = "The source is not started yet")
    @APIResponse(responseCode = "503", description = "Another instance reads the source")
    public Uni<Begun> pause(
            @RestPath String source,
            @Parameter(description = "For people", example = "moving house")
                    @RestQuery
                    @DefaultValue("by an operator")
                    String reason) {
        return here(source)
                .map(name -> {
                    demandStarted(name, pipelines.pauseSource(name, reason));
                    return new Begun("Source " + name + " is read no further.");
                });
    }

    @POST
    @Path("/resume")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(RestResponse.StatusCode.ACCEPTED)
    @Operation(summary = "Read on where a source was paused")
    @APIResponse(responseCode = "202", description = "It is told")
    @APIResponse(responseCode = "404", description = "There is no such source in this instance")
    @APIResponse(responseCode = "409", description = "The source is not started yet")
    @APIResponse(responseCode = "503", description = "Another instance reads the source")
    public Uni<Begun> resume(@RestPath String source) {
        return here(source)
                .map(name -> {
                    demandStarted(name, pipelines.resumeSource(name));
                    return new Begun("Source " + name + " is read on.");
                });
    }

    @POST
    @Path("/reset")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(RestResponse.StatusCode.ACCEPTED)
    @Operation(
            summary = "Give up what was not read yet, and begin with a new slot",
            description =
                    "For a source that cannot go on: what was not read is a gap on record, and caches"
                            + " are made anew. Refused while anybody reads from the slot.")
    @APIResponse(responseCode = "202", description = "It has begun; the status shows how it goes")
    @APIResponse(responseCode = "404", description = "There is no such source in this instance")
    @APIResponse(responseCode = "409", description = "The slot is active, or is not ours to make")
    @APIResponse(responseCode = "503", description = "Another instance reads the source")
    public Uni<Begun> reset(
            @RestPath String source,
            @Parameter(description = "For people", example = "the backup was restored")
                    @RestQuery
                    @DefaultValue("an operator has reset the source")
                    String reason) {
        return here(source)
                .chain(name -> pipelines.reset(name, reason).map(consent -> begun(consent, name)));
    }

    @POST
    @Path("/skip")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(RestResponse.StatusCode.ACCEPTED)
    @Operation(
            summary = "Pass over the one transaction that cannot be read",
            description =
                    "Only of a POISONED source, and only the transaction that its status names as"
                            + " blocked, by its number, its position, or both. Its changes are a gap"
                            + " on record.")
    @APIResponse(responseCode = "202", description = "It is passed over when it comes again")
    @APIResponse(responseCode = "400", description = "It is not said which")
    @APIResponse(responseCode = "404", description = "There is no such source in this instance")
    @APIResponse(responseCode = "409", description = "It is not that which blocks the source")
    @APIResponse(responseCode = "503", description = "Another instance reads the source")
    public Uni<Begun> skip(
            @RestPath String source,
            @Parameter(description = "The transaction's number", example = "7781") @RestQuery
                    @Nullable String xid,
            @Parameter(description = "The position of its commit", example = "16/B374D848")
                    @RestQuery
                    @Nullable String lsn) {
        Long number = xid(xid);
        Position commit = position(lsn);
        if (number == null && commit == null) {
            throw Problems.badRequest("Expected xid, lsn, or both, got neither.");
        }
        return here(source)
                .chain(name ->
                        pipelines.skip(name, number, commit).map(consent -> begun(consent, name)));
    }

    private static @Nullable Long xid(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) > HIGHEST_XID) {
            throw Problems.badRequest(
                    "Expected an xid from 0 to " + HIGHEST_XID + ", got \"" + text + "\".");
        }
        return Long.valueOf(text);
    }

    private static @Nullable Position position(@Nullable String text) {
        try {
            return text == null ? null : Lsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw Problems.badRequest("lsn: " + e.getMessage() + ".");
        }
    }

    private Begun begun(Consent consent, String source) {
        return switch (consent) {
            case Consent.Given given -> new Begun(given.sentence());
            case Consent.Refused refused ->
                    throw Problems.refused(
                            refused.sentence(), refused.remedy(), pipelines.blocked(source));
        };
    }

    private static void demandStarted(String source, boolean told) {
        if (!told) {
            throw Problems.refused("Source " + source + " is not started yet.", null, null);
        }
    }

    /** The name of a source that no other instance reads. */
    private Uni<String> here(String source) {
        return names.known(source)
                .invoke(name -> {
                    var _ = view(name);
                    Problems.demandHere(pipelines, name);
                });
    }

    private ReplicationView view(String source) {
        return pipelines.statuses().stream()
                .filter(status -> status.source().source().equals(source))
                .findFirst()
                .map(status ->
                        ReplicationView.of(
                                status,
                                samples.latest(source),
                                pipelines.blocked(source),
                                budgets.standing(source)))
                .orElseGet(() -> notStarted(source));
    }

    private ReplicationView notStarted(String source) {
        if (pipelines.sources().stream().noneMatch(profile -> profile.name().equals(source))) {
            throw Problems.unknownSource(source);
        }
        return ReplicationView.notStarted(source);
    }
}
