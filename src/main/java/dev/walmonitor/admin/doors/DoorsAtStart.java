package dev.walmonitor.admin.doors;

import dev.walmonitor.admin.doors.Doors.Kept;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Puts the doors before the main port, and says at the start how they are kept. */
@Singleton
class DoorsAtStart {
    private static final Logger LOG = Logger.getLogger(Doors.class);

    /** After Quarkus has made ready who the token's bearer is, before everything that answers. */
    private static final int PRIORITY = 150;

    private final DoorsConfig config;
    private final FixedPasswords passwords;
    private final Optional<UsersFile> file;
    private final boolean tokens;
    private final IdentityProviderManager identities;
    private final long largestBody;
    private final boolean serves;

    DoorsAtStart(
            DoorsConfig config,
            IdentityProviderManager identities,
            @ConfigProperty(name = "wal-monitor.operator-password") Optional<String> operator,
            @ConfigProperty(name = "wal-monitor.viewer-password") Optional<String> viewer,
            @ConfigProperty(name = "quarkus.oidc.tenant-enabled", defaultValue = "false")
                    boolean tokens,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize largestBody,
            @ConfigProperty(name = "wal-monitor.command") Optional<String> command) {
        this.config = config;
        this.identities = identities;
        this.passwords = new FixedPasswords(operator, viewer);
        this.file = config.usersFile().map(UsersFile::new);
        this.tokens = tokens;
        this.largestBody = largestBody.asLongValue();
        this.serves = command.isEmpty();
    }

    void build(@Observes Filters filters) {
        double requests = config.requestsPerSecond();
        double failures = config.failedLoginsPerMinute();
        Doors doors =
                new Doors(
                        kept(),
                        new Origins(config.origins().orElse(List.of())),
                        new Rates(2 * requests, requests, System::nanoTime),
                        new Rates(failures, failures / 60, System::nanoTime),
                        largestBody);
        filters.register(doors::knock, PRIORITY);
    }

    void announce(@Observes StartupEvent event) {
        String fault = serves ? file.map(UsersFile::fault).orElse(null) : null;
        if (fault != null) {
            LOG.error(fault);
            Quarkus.asyncExit(1);
        } else if (serves) {
            say();
        }
    }

    private void say() {
        switch (kept()) {
            case Kept.Open open -> LOG.debug("Doors: open to this machine.");
            case Kept.Shut shut -> LOG.warn(Doors.NOT_CONFIGURED);
            case Kept.Asking asking ->
                    LOG.infof("Doors: closed to all but %s.", String.join(", ", known()));
        }
    }

    private List<String> known() {
        List<String> known = new ArrayList<>();
        if (!passwords.isEmpty()) {
            known.add(passwords.names());
        }
        file.ifPresent(
                users -> known.add(users.users().users().size() + " users of " + users.path()));
        if (tokens) {
            known.add("bearers of tokens");
        }
        return known;
    }

    private Kept kept() {
        if (LaunchMode.current() != LaunchMode.NORMAL && !config.closed()) {
            return new Kept.Open();
        }
        return passwords.isEmpty() && file.isEmpty() && !tokens
                ? new Kept.Shut()
                : new Kept.Asking(
                        byPassword(), tokens ? Optional.of(this::byToken) : Optional.empty());
    }

    private Function<Credentials.Basic, Uni<Optional<Visitor>>> byPassword() {
        FileUsers users = file.map(FileUsers::new).orElse(null);
        return basic -> byPassword(users, basic);
    }

    private Uni<Optional<Visitor>> byPassword(@Nullable FileUsers users, Credentials.Basic basic) {
        if (users == null || passwords.knows(basic.name())) {
            return Uni.createFrom().item(passwords.visitor(basic.name(), basic.password()));
        }
        return Uni.createFrom()
                .item(() -> users.visitor(basic.name(), basic.password()))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
    }

    /** A token that is right and has no role of ours is somebody without a right to anything. */
    private Uni<Optional<Visitor>> byToken(RoutingContext request) {
        BiConsumer<RoutingContext, Throwable> leftToUs = DoorsAtStart::leaveToUs;
        request.put(QuarkusHttpUser.AUTH_FAILURE_HANDLER, leftToUs);
        return QuarkusHttpUser.getSecurityIdentity(request, identities)
                .map(identity ->
                        identity.isAnonymous()
                                ? Optional.empty()
                                : Optional.of(
                                        new Visitor(
                                                identity.getPrincipal().getName(),
                                                Role.highest(identity.getRoles()))));
    }

    /** Else Quarkus would answer what it takes for a failure. */
    private static void leaveToUs(RoutingContext request, Throwable failure) {}
}
