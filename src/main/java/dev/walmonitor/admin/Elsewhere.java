package dev.walmonitor.admin;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.monitor.ActiveAddresses;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.SourceState;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/**
 * Sends on to the instance that reads a source what that one alone can answer (307). While it is
 * not known where that is, the answer is that of this instance.
 */
class Elsewhere {
    /** Before {@link AuditFilter}. */
    private static final int PRIORITY = 2_000;

    private static final Pattern ABOUT_RULES =
            Pattern.compile("/api/v1/(?:rules|caches)(?:/([^/]+)(?:/.*)?)?");

    private final Pipelines pipelines;
    private final Caches caches;
    private final ActiveAddresses addresses;

    Elsewhere(Pipelines pipelines, Caches caches, ActiveAddresses addresses) {
        this.pipelines = pipelines;
        this.caches = caches;
        this.addresses = addresses;
    }

    /** How rules and caches stand is known where their source is read. */
    @ServerRequestFilter
    public @Nullable Uni<Response> asked(ContainerRequestContext request) {
        Matcher path = ABOUT_RULES.matcher(request.getUriInfo().getRequestUri().getPath());
        if (!path.matches()) {
            return null;
        }
        String rule = path.group(1);
        return (rule == null ? sourceOfAll() : sourceOf(rule).filter(this::standsBy))
                .map(source -> address(source).map(found -> sentOn(request, source, found)))
                .orElse(null);
    }

    @ServerResponseFilter(priority = PRIORITY)
    public @Nullable Uni<Void> answered(
            ContainerRequestContext request, ContainerResponseContext response) {
        if (!(response.getEntity() instanceof HttpProblem problem)
                || !Problems.isElsewhere(problem)) {
            return null;
        }
        String source = String.valueOf(problem.getParameters().get("source"));
        return address(source)
                .invoke(found -> {
                    Response sent = sentOn(request, source, found);
                    if (sent != null) {
                        response.setStatus(sent.getStatus());
                        response.setEntity(sent.getEntity());
                        response.getHeaders().putSingle("Location", sent.getLocation());
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Optional<String>> address(String source) {
        return addresses.elsewhere(source).onFailure().recoverWithItem(Optional.empty());
    }

    private static @Nullable Response sentOn(
            ContainerRequestContext request, String source, Optional<String> address) {
        var asked = request.getUriInfo().getRequestUri();
        return address.map(
                        found -> {
                            String query = asked.getRawQuery();
                            String place =
                                    found + asked.getRawPath() + (query == null ? "" : "?" + query);
                            HttpProblem problem =
                                    Problems.builder(
                                                    "elsewhere",
                                                    "Known elsewhere",
                                                    Status.TEMPORARY_REDIRECT,
                                                    "The source \""
                                                            + source
                                                            + "\" is read by the instance at "
                                                            + found
                                                            + "; ask that one.")
                                            .withHeader("Location", place)
                                            .build();
                            return problem.toResponse();
                        })
                .orElse(null);
    }

    private Optional<String> sourceOf(String rule) {
        return Stream.concat(
                        pipelines.rules().stream()
                                .filter(standing -> standing.rule().equals(rule))
                                .map(standing -> standing.source()),
                        caches.all().stream()
                                .filter(cache -> cache.rule().equals(rule))
                                .map(Caches.CacheView::source))
                .findFirst();
    }

    /** A list is sent on as a whole, if this instance reads nothing at all. */
    private Optional<String> sourceOfAll() {
        List<PipelineStatus> all = pipelines.statuses();
        return all.stream().allMatch(Elsewhere::standsBy)
                ? all.stream().findFirst().map(status -> status.source().source())
                : Optional.empty();
    }

    private boolean standsBy(String source) {
        return pipelines.statuses().stream()
                .anyMatch(status -> status.source().source().equals(source) && standsBy(status));
    }

    private static boolean standsBy(PipelineStatus status) {
        return status.source().state() == SourceState.STANDBY;
    }
}
