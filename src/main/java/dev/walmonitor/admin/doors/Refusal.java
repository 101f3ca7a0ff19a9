package dev.walmonitor.admin.doors;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.TreeMap;

/**
 * Why a request is not let in, as an RFC 9457 problem.
 *
 * @param type the last part of its urn, which stays
 * @param headers of the answer
 */
record Refusal(int status, String type, String title, String detail, Map<String, String> headers) {
    private static final String CHALLENGE = "Basic realm=\"wal-monitor\", charset=\"UTF-8\"";

    static Refusal unauthorized() {
        return new Refusal(
                401,
                "unauthorized",
                "Who is there?",
                "Send the name and password of a user, or a bearer token.",
                Map.of("WWW-Authenticate", CHALLENGE));
    }

    static Refusal wrongCredentials() {
        return new Refusal(
                401,
                "unauthorized",
                "Not let in",
                "The credentials are not those of anybody who is known here.",
                Map.of("WWW-Authenticate", CHALLENGE));
    }

    static Refusal lacksRole(Visitor visitor, Role needed) {
        return forbidden(
                "role",
                "Not allowed",
                "This needs the role "
                        + needed.text()
                        + "; "
                        + visitor.name()
                        + " has the role "
                        + visitor.role().text()
                        + ".");
    }

    static Refusal notConfigured() {
        return forbidden("no-credentials-configured", "Nobody is let in", Doors.NOT_CONFIGURED);
    }

    static Refusal notLocal() {
        return forbidden(
                "loopback-only",
                "Only from this machine",
                "Outside production the doors are open, but to this machine alone.");
    }

    static Refusal foreignOrigin() {
        return forbidden(
                "foreign-origin",
                "A page of somebody else",
                "The header Origin names another page than those of this service; add it to"
                        + " wal-monitor.doors.origins if it is yours.");
    }

    static Refusal characterZero() {
        return new Refusal(
                400,
                "bad-request",
                "Bad request",
                "Expected a path and a query without a character 0.",
                Map.of());
    }

    static Refusal unknownMethod() {
        return new Refusal(
                405,
                "method-not-allowed",
                "Unknown method",
                "Expected one of " + Doors.METHODS_TEXT + ".",
                Map.of("Allow", Doors.METHODS_TEXT));
    }

    static Refusal tooLarge(long most) {
        return new Refusal(
                413,
                "too-large",
                "The body is too large",
                "Expected at most " + most + " bytes; see quarkus.http.limits.max-body-size.",
                Map.of());
    }

    static Refusal tooOften(long seconds) {
        return new Refusal(
                429,
                "too-many-requests",
                "Too many requests",
                "This address asks too often; try again in " + seconds + " s.",
                Map.of("Retry-After", String.valueOf(seconds)));
    }

    static Refusal tooManyFailures(long seconds) {
        return new Refusal(
                429,
                "too-many-failures",
                "Too many wrong passwords",
                "This address was wrong too often; try again in " + seconds + " s.",
                Map.of("Retry-After", String.valueOf(seconds)));
    }

    private static Refusal forbidden(String type, String title, String detail) {
        return new Refusal(403, type, title, detail, Map.of());
    }

    /** What is still to come of the request is read and forgotten, or ends with the connection. */
    void answer(RoutingContext request) {
        HttpServerRequest asked = request.request();
        var response = asked.response().setStatusCode(status);
        new TreeMap<>(headers).forEach(response::putHeader);
        boolean closes = status == 413 && asked.version() != HttpVersion.HTTP_2;
        if (closes) {
            response.putHeader("Connection", "close");
        }
        var _ =
                response.putHeader("Content-Type", "application/problem+json")
                        .end(body(String.valueOf(asked.path())))
                        .onComplete(done -> {
                            if (closes) {
                                var _ = asked.connection().close();
                            }
                        });
        var _ = asked.resume();
    }

    private String body(String path) {
        return new JsonObject()
                .put("type", "urn:wal-monitor:problem:" + type)
                .put("title", title)
                .put("status", status)
                .put("detail", detail)
                .put("instance", path)
                .encode();
    }
}
