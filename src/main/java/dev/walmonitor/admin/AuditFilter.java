package dev.walmonitor.admin;

import dev.walmonitor.admin.doors.Visitor;
import dev.walmonitor.monitor.AdminAudit;
import dev.walmonitor.monitor.AdminAudit.Deed;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/**
 * Records every change that somebody asked for by HTTP, before it is answered. What was asked for
 * is done whether it can be recorded or not; then the log has it.
 */
class AuditFilter {
    private static final Logger LOG = Logger.getLogger("dev.walmonitor.audit");
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** After {@link Elsewhere} has sent on what is not done here. */
    private static final int PRIORITY = 1_000;

    /**
     * What programs do all the time: applications fill caches, listeners post their state. They
     * have tables of their own.
     */
    static final Pattern BY_PROGRAMS =
            Pattern.compile(
                    "POST (/api/v1/caches/[^/]+/(lease|fill)|/api/v1/wal-monitor/(sources/[^/]+|batch)/?)");

    private final AdminAudit audit;
    private final CurrentVertxRequest current;

    AuditFilter(AdminAudit audit, CurrentVertxRequest current) {
        this.audit = audit;
        this.current = current;
    }

    @ServerResponseFilter(priority = PRIORITY)
    public @Nullable Uni<Void> answered(
            ContainerRequestContext request, ContainerResponseContext response) {
        RoutingContext web = current.getCurrent();
        Visitor visitor = web == null ? null : Visitor.of(web);
        if (visitor == null || !isChange(request, web, response.getStatus())) {
            return null;
        }
        Deed deed = deed(request, web, visitor, response.getStatus());
        LOG.infof(
                "%s %s by %s from %s: %d %s.",
                deed.method(),
                deed.path(),
                deed.who(),
                deed.remoteAddress(),
                deed.status(),
                deed.outcome());
        return audit.record(deed)
                .ifNoItem()
                .after(PATIENCE)
                .fail()
                .onFailure()
                .invoke(failure ->
                        LOG.errorf(
                                "Not in admin_audit, as the monitor database does not take it: %s"
                                        + " %s by %s from %s at %d. %s",
                                deed.method(),
                                deed.path(),
                                deed.who(),
                                deed.remoteAddress(),
                                deed.status(),
                                failure.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    /** What is sent on is recorded where it is done. */
    private static boolean isChange(
            ContainerRequestContext request, RoutingContext web, int status) {
        String method = request.getMethod();
        return !method.equals("GET")
                && !method.equals("HEAD")
                && (status < 300 || status >= 400)
                && !BY_PROGRAMS.matcher(method + " " + web.request().path()).matches();
    }

    private static Deed deed(
            ContainerRequestContext request, RoutingContext web, Visitor visitor, int status) {
        SocketAddress remote = web.request().remoteAddress();
        String address = remote == null ? null : remote.hostAddress();
        Map<String, String> named = new TreeMap<>();
        request.getUriInfo()
                .getPathParameters()
                .forEach((name, values) -> named.put(name, String.join(", ", values)));
        return new Deed(
                visitor.name(),
                visitor.role().text(),
                address == null ? "unknown" : address,
                request.getMethod(),
                String.valueOf(web.request().path()),
                web.request().query(),
                named,
                status);
    }
}
