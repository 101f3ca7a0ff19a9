package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.pipeline.RuleStanding;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The rules of this instance, and what waits for them. */
@Path("/api/v1/rules")
@Tag(name = "Rules")
class RuleResource {
    private final Pipelines pipelines;

    RuleResource(Pipelines pipelines) {
        this.pipelines = pipelines;
    }

    /**
     * A rule as the API shows it.
     *
     * @param state {@code running}, {@code paused}, {@code behind}: everything is parked first, or
     *     {@code disabled}: it does nothing until the next start
     * @param reason why it is paused or disabled
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record RuleView(
            String rule,
            String source,
            String action,
            String state,
            @Nullable String reason,
            int inMemory,
            long parked,
            long dead) {
        private static RuleView of(RuleStanding standing) {
            String paused = standing.paused();
            String reason = paused != null ? paused : standing.disabled();
            return new RuleView(
                    standing.rule(),
                    standing.source(),
                    standing.action(),
                    paused != null
                            ? "paused"
                            : reason != null
                                    ? "disabled"
                                    : standing.behind() ? "behind" : "running",
                    reason,
                    standing.open(),
                    standing.parked(),
                    standing.dead());
        }
    }

    @GET
    @Operation(summary = "Every rule, and how many changes wait for it")
    public List<RuleView> all() {
        return pipelines.rules().stream().map(RuleView::of).toList();
    }

    @GET
    @Path("/{rule}")
    @Operation(summary = "One rule")
    @APIResponse(responseCode = "404", description = "There is no such rule")
    public RuleView one(@RestPath String rule) {
        return RuleView.of(find(rule));
    }

    @POST
    @Path("/{rule}/pause")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(RestResponse.StatusCode.ACCEPTED)
    @Operation(summary = "Let a rule do nothing; its changes are parked, over restarts too")
    @APIResponse(responseCode = "404", description = "There is no such rule")
    @APIResponse(responseCode = "503", description = "Another instance reads the rule's source")
    public void pause(
            @RestPath String rule,
            @Parameter(description = "For people", example = "moving house")
                    @RestQuery
                    @DefaultValue("by an operator")
                    String reason) {
        RuleStanding known = find(rule);
        Problems.demandHere(pipelines, known.source());
        var _ = pipelines.pause(known.source(), rule, reason);
    }

    @POST
    @Path("/{rule}/resume")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(RestResponse.StatusCode.ACCEPTED)
    @Operation(summary = "Let a paused rule go on, with what is parked first")
    @APIResponse(responseCode = "404", description = "There is no such rule")
    @APIResponse(responseCode = "503", description = "Another instance reads the rule's source")
    public void resume(@RestPath String rule) {
        RuleStanding known = find(rule);
        Problems.demandHere(pipelines, known.source());
        var _ = pipelines.resume(known.source(), rule);
    }

    private RuleStanding find(String rule) {
        return pipelines.rules().stream()
                .filter(standing -> standing.rule().equals(rule))
                .findFirst()
                .orElseThrow(() -> Problems.noRule(rule));
    }
}
