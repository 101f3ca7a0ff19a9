package dev.walmonitor.admin.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.admin.doors.Doors.Kept;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The doors before a server of Vert.x, and bytes that no client would send. */
class DoorsTest {
    private static final FixedPasswords PASSWORDS =
            new FixedPasswords(Optional.of("right"), Optional.of("look"));
    private static final Kept ASKING =
            new Kept.Asking(
                    basic ->
                            Uni.createFrom()
                                    .item(PASSWORDS.visitor(basic.name(), basic.password())),
                    Optional.empty());

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong nanos = new AtomicLong();
    private @Nullable HttpServer server;

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void outsideProductionThisMachineComesIn() {
        open(new Kept.Open(), 100, 100);

        assertThat(get("Host: localhost:1")).contains("200 OK", "local operator");
        assertThat(get("Host: 127.0.0.1")).contains("200 OK");
        assertThat(get("Host: [::1]:8080")).contains("200 OK");
    }

    @Test
    void f70_outsideProductionANameOfSomebodyElseDoesNot() {
        open(new Kept.Open(), 100, 100);

        assertThat(get("Host: rebound.example:8080"))
                .contains("403 Forbidden", "urn:wal-monitor:problem:loopback-only");
    }

    @Test
    void withoutAnyCredentialsNobodyComesInAndTheAnswerNamesTheVariables() {
        open(new Kept.Shut(), 100, 100);

        assertThat(get("Host: x", basic("operator", "")))
                .contains(
                        "403 Forbidden",
                        "application/problem+json",
                        "urn:wal-monitor:problem:no-credentials-configured",
                        "set WAL_MONITOR_OPERATOR_PASSWORD and WAL_MONITOR_VIEWER_PASSWORD, or"
                                + " wal-monitor.doors.users-file, or quarkus.oidc.auth-server-url.");
    }

    @Test
    void f70_withoutCredentialsOrWithWrongOnesTheAnswerIs401() {
        open(ASKING, 100, 100);

        assertThat(get("Host: x"))
                .contains(
                        "401 Unauthorized",
                        "WWW-Authenticate: Basic realm=\"wal-monitor\"",
                        "{\"type\":\"urn:wal-monitor:problem:unauthorized\",\"title\":\"Who is there?\",\"status\":401,\"detail\":\"Send the name and password of a user, or a bearer token.\",\"instance\":\"/api/v1/rules\"}");
        for (String header :
                List.of(
                        basic("operator", "wrong"),
                        basic("nobody", "right"),
                        "Authorization: Basic %%%",
                        "Authorization: Bearer abc",
                        "Authorization: Negotiate abc")) {
            assertThat(get("Host: x", header)).contains("401 Unauthorized", "Not let in");
        }
    }

    @Test
    void aViewerLooksAndAnOperatorChanges() {
        open(ASKING, 100, 100);

        assertThat(get("Host: x", basic("viewer", "look"))).contains("200 OK", "viewer viewer");
        assertThat(get("Host: x", basic("operator", "right"))).contains("operator operator");
        assertThat(send("POST", "Host: x", basic("operator", "right"))).contains("200 OK");
        for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
            assertThat(send(method, "Host: x", basic("viewer", "look")))
                    .contains(
                            "403 Forbidden",
                            "urn:wal-monitor:problem:role",
                            "This needs the role operator; viewer has the role viewer.");
        }
    }

    @Test
    void f70_aForeignOriginIsRefusedEvenWithThePassword() {
        open(ASKING, 100, 100);

        assertThat(get("Host: x", "Origin: http://evil.example", basic("operator", "right")))
                .contains("403 Forbidden", "urn:wal-monitor:problem:foreign-origin");
        assertThat(get("Host: x", "Origin: http://x", basic("operator", "right")))
                .contains("200 OK");
    }

    @Test
    void f70_preflightsAndUnknownMethodsAreRefused() {
        open(ASKING, 100, 100);

        for (String method : List.of("OPTIONS", "TRACE", "PROPFIND")) {
            assertThat(send(method, "Host: x", basic("operator", "right")))
                    .contains("405 ", "Allow: GET, HEAD, POST", "method-not-allowed")
                    .doesNotContain("Access-Control-Allow");
        }
    }

    @Test
    void f70_aBodyThatIsTooLargeIsRefusedBeforeItIsRead() {
        open(ASKING, 100, 100);

        for (String length : List.of("1001", "99999999999999999999")) {
            assertThat(send("POST", "Host: x", "Content-Length: " + length))
                    .startsWith("HTTP/1.1 4")
                    .doesNotContain("200 OK");
        }
        assertThat(send("POST", "Host: x", "Content-Length: 1001"))
                .contains("413 ", "urn:wal-monitor:problem:too-large", "at most 1000 bytes");
    }

    @Test
    void f70_whoAsksTooOftenWaits() {
        open(ASKING, 3, 100);

        for (int i = 0; i < 3; i++) {
            assertThat(get("Host: x", basic("viewer", "look"))).contains("200 OK");
        }
        assertThat(get("Host: x", basic("viewer", "look")))
                .contains("429 ", "Retry-After: 1", "urn:wal-monitor:problem:too-many-requests");
        nanos.addAndGet(1_000_000_000);
        assertThat(get("Host: x", basic("viewer", "look"))).contains("200 OK");
    }

    @Test
    void f70_whoIsWrongTooOftenWaitsEvenWithTheRightPassword() {
        open(ASKING, 100, 3);

        for (int i = 0; i < 10; i++) {
            assertThat(get("Host: x", basic("viewer", "look"))).contains("200 OK");
        }
        for (int i = 0; i < 3; i++) {
            assertThat(get("Host: x", basic("viewer", "wrong"))).contains("401 ");
        }
        assertThat(get("Host: x", basic("viewer", "look")))
                .contains("429 ", "Retry-After: 1", "urn:wal-monitor:problem:too-many-failures");
        nanos.addAndGet(1_000_000_000);
        assertThat(get("Host: x", basic("viewer", "look"))).contains("200 OK");
    }

    @Test
    void anAddressThatWasForgottenBeginsAnew() {
        Rates rates = new Rates(1, 1, nanos::get);
        assertThat(rates.take("a")).isTrue();
        assertThat(rates.take("a")).isFalse();
        for (int i = 0; i < 10_000; i++) {
            assertThat(rates.take("other " + i)).isTrue();
        }
        assertThat(rates.take("a")).isTrue();
    }

    private void open(Kept kept, int requests, int failures) {
        Doors doors =
                new Doors(
                        kept,
                        new Origins(List.of()),
                        new Rates(requests, 1, nanos::get),
                        new Rates(failures, 1, nanos::get),
                        1000);
        Router router = Router.router(vertx);
        router.route().handler(doors::knock);
        router.route()
                .handler(request -> {
                    Visitor visitor = Visitor.of(request);
                    var _ =
                            request.end(
                                    visitor == null
                                            ? "nobody"
                                            : visitor.name() + " " + visitor.role().text());
                });
        server =
                vertx.createHttpServer()
                        .requestHandler(router)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
    }

    private String get(String... headers) {
        return send("GET", headers);
    }

    private String send(String method, String... headers) {
        HttpServer running = server;
        if (running == null) {
            throw new IllegalStateException("Expected open() before");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), running.actualPort())) {
            socket.setSoTimeout(10_000);
            String request =
                    method
                            + " /api/v1/rules HTTP/1.1\r\n"
                            + String.join("\r\n", headers)
                            + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String basic(String name, String password) {
        return "Authorization: Basic "
                + Base64.getEncoder()
                        .encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}
