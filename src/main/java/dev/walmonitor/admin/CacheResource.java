package dev.walmonitor.admin;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.walmonitor.handler.Caches;
import dev.walmonitor.handler.Caches.UnknownException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The caches of this instance. */
@Path("/api/v1/caches")
@Tag(name = "Caches")
class CacheResource {
    private static final Duration LEASE = Duration.ofSeconds(10);

    private final Caches caches;

    CacheResource(Caches caches) {
        this.caches = caches;
    }

    /** A key of a rule. */
    record Key(@Nullable String key) {}

    /** A key of a rule, or a tag of any. */
    record KeyOrTag(@Nullable String key, @Nullable String tag) {}

    /**
     * What to fill a key with.
     *
     * @param ttl such as {@code 1h}; absent: for ever
     */
    record Fill(
            @Nullable String key,
            @Nullable String lease,
            @Nullable String value,
            @Nullable String ttl) {}

    /** How many keys were taken away. */
    record Evicted(int keys) {}

    /** What is cached, or the lease with which to fill it, or neither: somebody else fills it. */
    record LeaseView(@Nullable String value, @Nullable String lease) {}

    @GET
    @Operation(summary = "Every cache, how far it is filled, and how right it is")
    public List<CacheStateView> all() {
        return caches.all().stream().map(CacheStateView::of).toList();
    }

    @GET
    @Path("/{rule}")
    @Operation(summary = "One cache, with the number of its keys")
    public Uni<CacheStateView> one(@RestPath String rule) {
        return known(caches.count(rule))
                .map(count ->
                        caches.all().stream()
                                .filter(view -> view.rule().equals(rule))
                                .findFirst()
                                .map(view -> CacheStateView.of(view, count))
                                .orElseThrow(() -> Problems.unknownRule(rule)));
    }

    @POST
    @Path("/{rule}/rebuild")
    @ResponseStatus(RestResponse.StatusCode.ACCEPTED)
    @Operation(
            summary = "Make every key of a rule anew",
            description = "No key is missing meanwhile; GET of the rule shows how far it is.")
    @APIResponse(responseCode = "202", description = "It has begun")
    public Uni<Void> rebuild(@RestPath String rule) {
        return known(caches.rebuild(rule));
    }

    @POST
    @Path("/{rule}/evict")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Take a key away, or every key that has a tag")
    public Uni<Evicted> evict(@RestPath String rule, @Nullable KeyOrTag which) {
        String tag = which == null ? null : which.tag();
        String key = which == null ? null : which.key();
        if ((key == null) == (tag == null)) {
            throw Problems.badRequest("Expected a JSON object with \"key\" or with \"tag\".");
        }
        if (tag != null) {
            return known(caches.count(rule).chain(() -> caches.evictTag(tag))).map(Evicted::new);
        }
        return known(caches.evict(rule, required(key, "key")).replaceWith(new Evicted(1)));
    }

    @POST
    @Path("/{rule}/refresh")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Make one key anew, as the database is now")
    @APIResponse(responseCode = "204", description = "It is done")
    public Uni<Void> refresh(@RestPath String rule, @Nullable Key key) {
        return known(caches.refresh(rule, required(key == null ? null : key.key(), "key")));
    }

    @POST
    @Path("/{rule}/lease")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Read a key, or take a lease to fill it",
            description =
                    "The answer holds the value; or a lease, which lasts for ten seconds and ends"
                            + " with the next change of the row; or neither, when somebody else has"
                            + " the lease: then read the database, and do not fill.")
    public Uni<LeaseView> lease(@RestPath String rule, @Nullable Key key) {
        return known(caches.lease(rule, required(key == null ? null : key.key(), "key"), LEASE))
                .map(lease -> new LeaseView(lease.value(), lease.token()));
    }

    @POST
    @Path("/{rule}/fill")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Fill a key that was read under a lease")
    @APIResponse(responseCode = "204", description = "The value is cached")
    @APIResponse(responseCode = "409", description = "A change came in between: read it again")
    public Uni<Void> fill(@RestPath String rule, @Nullable Fill fill) {
        if (fill == null) {
            throw Problems.badRequest("Expected a JSON object with \"key\", \"lease\", \"value\".");
        }
        Duration ttl = ttl(fill.ttl());
        return known(
                        caches.fill(
                                rule,
                                required(fill.key(), "key"),
                                required(fill.lease(), "lease"),
                                required(fill.value(), "value"),
                                ttl))
                .invoke(filled -> {
                    if (!filled) {
                        throw Problems.leaseEnded();
                    }
                })
                .replaceWithVoid();
    }

    private static @Nullable Duration ttl(@Nullable String text) {
        try {
            return text == null ? null : DurationConverter.parseDuration(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw Problems.badRequest("\"ttl\" is no duration; write one such as 30s or 24h.");
        }
    }

    private static String required(@Nullable String value, String name) {
        if (value == null || value.isEmpty()) {
            throw Problems.badRequest("Expected a JSON object with a \"" + name + "\".");
        }
        return value;
    }

    private static <T> Uni<T> known(Uni<T> work) {
        return work.onFailure(UnknownException.class)
                .transform(failure -> Problems.unknownKey(String.valueOf(failure.getMessage())));
    }

    /** As in JSON. */
    record CacheStateView(
            String rule,
            String source,
            String value,
            List<String> keys,
            String state,
            @Nullable String reason,
            long done,
            @JsonProperty("registered_keys") @Nullable Long registeredKeys,
            @Nullable String failure,
            @JsonProperty("filled_at") @Nullable String filledAt,
            @JsonProperty("fill_seconds") double fillSeconds,
            @JsonProperty("divergence_ratio") @Nullable Double divergenceRatio) {

        static CacheStateView of(Caches.CacheView view) {
            return of(view, null);
        }

        static CacheStateView of(Caches.CacheView view, @Nullable Long count) {
            return new CacheStateView(
                    view.rule(),
                    view.source(),
                    view.value(),
                    view.keys(),
                    view.state(),
                    view.reason(),
                    view.done(),
                    count,
                    view.failure(),
                    view.filledAt() == null ? null : view.filledAt().toString(),
                    view.took().toMillis() / 1000.0,
                    Double.isNaN(view.divergence()) ? null : view.divergence());
        }
    }
}
