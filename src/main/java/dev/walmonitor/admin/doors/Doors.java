package dev.walmonitor.admin.doors;

import io.netty.util.NetUtil;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Stands before every endpoint of the main port. Called on the event loop of each request, so it
 * keeps nothing but what is thread-safe.
 */
final class Doors {
    private static final Logger LOG = Logger.getLogger(Doors.class);
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");
    private static final Set<String> LOCAL_NAMES = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
    static final String METHODS_TEXT = "GET, HEAD, POST, PUT, PATCH, DELETE";
    static final String NOT_CONFIGURED =
            "Every endpoint is closed, as no credentials are configured: set"
                    + " WAL_MONITOR_OPERATOR_PASSWORD and WAL_MONITOR_VIEWER_PASSWORD, or"
                    + " wal-monitor.doors.users-file, or quarkus.oidc.auth-server-url.";

    /** How the doors are kept. */
    sealed interface Kept {
        /** Nobody is asked, but only this machine comes in. */
        record Open() implements Kept {}

        /** Nobody can come in, as nobody is known. */
        record Shut() implements Kept {}

        /**
         * Who proves to be somebody comes in.
         *
         * @param byPassword never blocks
         * @param byToken empty if no token is taken; fails if it is not right
         */
        record Asking(
                Function<Credentials.Basic, Uni<Optional<Visitor>>> byPassword,
                Optional<Function<RoutingContext, Uni<Optional<Visitor>>>> byToken)
                implements Kept {}
    }

    private final Kept kept;
    private final Origins origins;
    private final Rates requests;
    private final Rates failures;
    private final long largestBody;

    Doors(Kept kept, Origins origins, Rates requests, Rates failures, long largestBody) {
        this.kept = kept;
        this.origins = origins;
        this.requests = requests;
        this.failures = failures;
        this.largestBody = largestBody;
    }

    /** Lets a request in, or answers it. */
    void knock(RoutingContext request) {
        String address = address(request.request().remoteAddress());
        Refusal refusal = manners(request.request(), address);
        if (refusal != null) {
            refusal.answer(request);
            return;
        }
        switch (kept) {
            case Kept.Open open -> local(request);
            case Kept.Shut shut -> Refusal.notConfigured().answer(request);
            case Kept.Asking asking -> ask(asking, request, address);
        }
    }

    /** What nobody may do, whoever he is. */
    private @Nullable Refusal manners(HttpServerRequest request, String address) {
        if (!METHODS.contains(request.method().name())) {
            return Refusal.unknownMethod();
        }
        if (!requests.take(address)) {
            return Refusal.tooOften(requests.secondsUntilNext(address));
        }
        if (origins.isForeign(request.getHeader("Origin"), host(request))) {
            return Refusal.foreignOrigin();
        }
        if (request.uri().contains("%00")) {
            return Refusal.characterZero();
        }
        return length(request) > largestBody ? Refusal.tooLarge(largestBody) : null;
    }

    /** The host's name too, or a page could reach this machine by a name of its own. */
    private static void local(RoutingContext request) {
        SocketAddress remote = request.request().remoteAddress();
        String host = host(request.request());
        if (remote != null && isLoopback(remote.hostAddress()) && host != null && isLocal(host)) {
            enter(Visitor.LOCAL, request);
        } else {
            Refusal.notLocal().answer(request);
        }
    }

    private void ask(Kept.Asking asking, RoutingContext request, String address) {
        switch (Credentials.of(request.request().getHeader("Authorization"))) {
            case Credentials.None none -> Refusal.unauthorized().answer(request);
            case Credentials.Unreadable unreadable ->
                    prove(Uni.createFrom().item(Optional.empty()), request, address);
            case Credentials.Bearer bearer ->
                    prove(
                            asking.byToken()
                                    .map(byToken -> byToken.apply(request))
                                    .orElseGet(() -> Uni.createFrom().item(Optional.empty())),
                            request,
                            address);
            case Credentials.Basic basic ->
                    prove(asking.byPassword().apply(basic), request, address);
        }
    }

    /** A try is taken before it is known to be wrong, so that many at once are no way around. */
    private void prove(Uni<Optional<Visitor>> proof, RoutingContext request, String address) {
        if (!failures.take(address)) {
            Refusal.tooManyFailures(failures.secondsUntilNext(address)).answer(request);
            return;
        }
        var context = request.vertx().getOrCreateContext();
        proof.subscribe()
                .with(
                        visitor -> context.runOnContext(v -> proved(visitor, request, address)),
                        failure -> context.runOnContext(v -> wrong(request, address)));
    }

    private void proved(Optional<Visitor> visitor, RoutingContext request, String address) {
        if (request.response().closed()) {
            return;
        }
        if (visitor.isEmpty()) {
            wrong(request, address);
            return;
        }
        failures.giveBack(address);
        Role needed = Role.neededFor(request.request().method().name());
        if (visitor.get().role().covers(needed)) {
            enter(visitor.get(), request);
        } else {
            LOG.warnf(
                    "Refused: %s %s by %s from %s needs the role %s.",
                    request.request().method(),
                    request.request().path(),
                    visitor.get().name(),
                    address,
                    needed.text());
            Refusal.lacksRole(visitor.get(), needed).answer(request);
        }
    }

    private static void wrong(RoutingContext request, String address) {
        LOG.debugf("Wrong credentials from %s.", address);
        if (!request.response().closed()) {
            Refusal.wrongCredentials().answer(request);
        }
    }

    private static void enter(Visitor visitor, RoutingContext request) {
        visitor.enters(request);
        request.next();
    }

    private static @Nullable String host(HttpServerRequest request) {
        var authority = request.authority();
        return authority == null ? null : authority.toString();
    }

    private static boolean isLocal(String host) {
        String name = host.replaceFirst(":\\d+$", "").toLowerCase(Locale.ROOT);
        return LOCAL_NAMES.contains(name);
    }

    private static boolean isLoopback(@Nullable String address) {
        InetAddress parsed =
                address == null ? null : NetUtil.createInetAddressFromIpAddressString(address);
        return parsed != null && parsed.isLoopbackAddress();
    }

    /** Whoever has one address of IPv6 has all of its network. */
    private static String address(@Nullable SocketAddress remote) {
        String text = remote == null ? null : remote.hostAddress();
        if (text == null) {
            return "unknown";
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null || bytes.length != 16) {
            return text;
        }
        StringBuilder network = new StringBuilder();
        for (int i = 0; i < 8; i += 2) {
            network.append(Integer.toHexString(((bytes[i] & 0xff) << 8) | (bytes[i + 1] & 0xff)))
                    .append(':');
        }
        return network + ":/64";
    }

    /** What cannot be read as a number, the server refuses by itself. */
    private static long length(HttpServerRequest request) {
        String text = request.getHeader("Content-Length");
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }
}
