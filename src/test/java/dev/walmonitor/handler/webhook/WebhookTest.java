package dev.walmonitor.handler.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.json.Envelopes;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesYaml;
import dev.walmonitor.rule.SampleTable;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.http.HttpSink;
import dev.walmonitor.sink.http.TestHttp;
import dev.walmonitor.sink.sql.FakeQueries;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Receivers are servers on loopback that do what a test says. */
class WebhookTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OLDER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private static final SampleTable TICKETS =
            SampleTable.of("public.tickets", ReplicaIdentity.FULL, "id*", "status");
    private static final String BODY =
            "{\"id\":\"main:1:0/1001:0\",\"source\":\"main\",\"operation\":\"INSERT\",\"schema\":\"public\","
                    + "\"table\":\"tickets\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"lsn\":\"0/1001\",\"xid\":1,"
                    + "\"old\":null,\"new\":{\"id\":\"7\",\"status\":\"open\"},"
                    + "\"changed_columns\":[\"id\",\"status\"]}";

    private record Received(String id, String timestamp, String signature, String body) {}

    /** Keeps what is logged. */
    private static final class LogHandler extends java.util.logging.Handler {
        private final List<String> lines;

        LogHandler(List<String> lines) {
            this.lines = lines;
        }

        @Override
        public void publish(LogRecord line) {
            String text = String.format(line.getMessage(), line.getParameters());
            lines.add(line.getLevel().getName() + " " + text);
        }

        @Override
        public void flush() {
            // nothing is kept back
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    private final Vertx vertx = Vertx.vertx();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final List<String> headers = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void aChangeIsOneSignedPostOfTheEnvelope() {
        ChangeHandler handler = handler(answering(204), ", headers: [\"X-Token: hush, hush\"]");
        long before = Instant.now().getEpochSecond();

        assertThat(handle(handler, inserted()))
                .startsWith("sent to=127.0.0.1:")
                .endsWith("status=204");
        assertThat(received).hasSize(1);
        Received one = received.getFirst();
        assertThat(one.body()).isEqualTo(BODY);
        assertThat(one.id()).isEqualTo("main:1:0/1001:0:to%20them%2E");
        assertThat(Long.parseLong(one.timestamp()))
                .isBetween(before, Instant.now().getEpochSecond());
        assertThat(one.signature())
                .isEqualTo(
                        Signer.of(List.of(SECRET, OLDER))
                                .sign(one.id(), Long.parseLong(one.timestamp()), BODY));
        assertThat(headers).containsExactly("application/json hush, hush");
        assertThat(handler.ordered()).isTrue();
    }

    @Test
    void theSameChangeHasTheSameIdWhenItComesAgain() {
        ChangeHandler handler =
                handler(serve(request -> answer(request, received.size() == 1 ? 500 : 200)), "");

        assertFails(handler, " answered 500");
        assertThat(handle(handler, inserted())).isNotEmpty();
        assertThat(handle(handler, inserted())).as("after a crash").isNotEmpty();
        assertThat(received).extracting(Received::id).hasSize(3).containsOnly(received.get(0).id());
        assertThat(count("5xx")).isEqualTo(1);
        assertThat(count("2xx")).isEqualTo(2);
    }

    @Test
    void f28_whatMayHaveComeBeforeAndWhatIsReplayedSaySo() {
        ChangeHandler handler = handler(answering(200), "");
        for (Delivery delivery : List.of(Delivery.AGAIN, Delivery.REPLAY)) {
            RowChange change = inserted();
            assertThat(handle(handler, change.in(change.transaction().as(delivery)))).isNotEmpty();
        }
        String start = BODY.substring(0, BODY.length() - 1);
        assertThat(received)
                .extracting(Received::body)
                .containsExactly(start + ",\"redelivered\":true}", start + ",\"replayed\":true}");
        assertThat(received).extracting(Received::id).containsOnly("main:1:0/1001:0:to%20them%2E");
    }

    @Test
    void otherAnswersAreFailures() {
        assertFails(handler(answering(404), ""), " answered 404");
        assertFails(handler(answering(500), ""), " answered 500");
        assertFails(
                handler(answering(302), ""),
                " answered 302: it points elsewhere, which is not followed");
    }

    @Test
    void f69_aReceiverThatNeverAnswersIsAFailure() {
        ChangeHandler handler = handler(serve(request -> {}), ", timeout: 200ms");

        assertFails(handler, " did not answer within 200 ms");
        assertThat(count("none")).isEqualTo(1);
    }

    @Test
    void aReceiverThatIsGoneEndsTheRule() {
        ChangeHandler handler = handler(answering(410), "");
        List<String> lines = new ArrayList<>();
        LogHandler log = new LogHandler(lines);
        Logger logger = Logger.getLogger(WebhookHandler.class.getName());
        logger.addHandler(log);
        try {
            assertThat(handle(handler, inserted())).startsWith("dropped to=127.0.0.1:");
            assertThat(handle(handler, inserted())).endsWith("why=gone");
        } finally {
            logger.removeHandler(log);
        }

        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("ERROR Rule to them. is disabled until the next start: 127.0.0.1:")
                .endsWith(
                        " answered 410, it wants no more webhooks. Its changes are not sent. Take the rule out,"
                                + " or correct its webhook.url.");
        assertThat(received).hasSize(1);
        assertThat(registry.get("wal_monitor_webhook_disabled").gauge().value()).isEqualTo(1);
        assertThat(handler.disabled())
                .startsWith("127.0.0.1:")
                .endsWith(" answered 410, it wants no more webhooks.");
        assertThat(registry.get("wal_monitor_webhook_dropped").counter().count()).isEqualTo(2);
    }

    @Test
    void f69_whatAReceiverAsksToWaitEveryChangeWaits() {
        for (int status : new int[] {429, 503}) {
            received.clear();
            ChangeHandler handler =
                    handler(
                            serve(request -> {
                                boolean first = received.size() == 1;
                                request.response().putHeader("Retry-After", "1");
                                answer(request, first ? status : 200);
                            }),
                            "");
            assertFails(handler, " answered " + status);
            long begun = System.nanoTime();
            assertThat(handle(handler, inserted())).endsWith("status=200");

            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isGreaterThan(Duration.ofMillis(900));
            assertThat(received).hasSize(2);
        }
    }

    @Test
    void aRuleThatCanWorkHasNoFault() {
        assertThat(faults(webhook(answering(200), ""))).isEmpty();
    }

    @Test
    void whatIsMissingIsTold() {
        assertThat(faults("{ timeout: 1s }"))
                .containsExactly(
                        "Rule \"to them.\": webhook.url is missing; write where to, such as"
                                + " https://hooks.example.org/changes.",
                        "Rule \"to them.\": webhook.secrets is missing: requests are signed. Make one with:"
                                + " echo whsec_$(openssl rand -base64 32)");
    }

    @Test
    void whatCannotBeReadIsToldWithoutASecret() {
        assertThat(
                        faults(
                                "{ url: \"http://a b/hush\", secrets: hush, timeout: 1h, headers: [\"hush\","
                                        + " \"A b: hush\", \"X: h\\nush\", \"Host: x\", \"X-A: 1\", \"x-a: 2\"] }"))
                .containsExactly(
                        "Rule \"to them.\": webhook.url is no URL: Illegal character in authority at character 9."
                                + " Write one such as https://hooks.example.org/changes.",
                        "Rule \"to them.\": webhook.secrets cannot be used: secret 1 does not begin with whsec_."
                                + " Make one with: echo whsec_$(openssl rand -base64 32)",
                        "Rule \"to them.\": webhook.headers[0] is no header; write one such as \"Authorization:"
                                + " Bearer ${TOKEN}\", in ASCII.",
                        "Rule \"to them.\": webhook.headers[1] is no header; write one such as \"Authorization:"
                                + " Bearer ${TOKEN}\", in ASCII.",
                        "Rule \"to them.\": webhook.headers[2] is no header; write one such as \"Authorization:"
                                + " Bearer ${TOKEN}\", in ASCII.",
                        "Rule \"to them.\": webhook.headers[3] sets Host, which is set already; leave it out.",
                        "Rule \"to them.\": webhook.headers sets x-a twice; leave one out.",
                        "Rule \"to them.\": webhook.timeout is \"1h\"; write a duration from 100ms to 5m.");
    }

    @Test
    void f69_anAddressThatIsRefusedIsAFaultAtTheStart() {
        assertThat(
                        faults(
                                "{ url: \"http://169.254.169.254/latest\", secrets: "
                                        + SECRET
                                        + " }",
                                TestHttp.asConfigured(vertx)))
                .containsExactly(
                        "Rule \"to them.\": webhook.url cannot be used: its host 169.254.169.254 has the address"
                                + " 169.254.169.254, which is link-local, where clouds keep their metadata, and"
                                + " refused; the operator can allow it with"
                                + " wal-monitor.webhooks.allowed-networks.");
    }

    @Test
    void aPreviewShowsTheBodyAndSendsNothing() {
        String webhook = webhook(answering(200), "");

        assertThat(
                        factory(webhook, TestHttp.onLoopback(vertx))
                                .preview(rule(), inserted())
                                .await()
                                .atMost(LIMIT))
                .containsExactly("would post to 127.0.0.1:\n" + BODY);
        assertThat(received).isEmpty();
    }

    private static RowChange inserted() {
        return TICKETS.insert(1, TICKETS.row("7", "open"));
    }

    private HttpServer answering(int status) {
        return serve(request -> answer(request, status));
    }

    private static void answer(HttpServerRequest request, int status) {
        request.response().setStatusCode(status).end();
    }

    private HttpServer serve(Handler<HttpServerRequest> answer) {
        return TestHttp.serve(
                vertx,
                request ->
                        request.bodyHandler(body -> {
                            received.add(
                                    new Received(
                                            String.valueOf(request.getHeader("webhook-id")),
                                            String.valueOf(request.getHeader("webhook-timestamp")),
                                            String.valueOf(request.getHeader("webhook-signature")),
                                            body.toString()));
                            headers.add(
                                    request.getHeader("content-type")
                                            + " "
                                            + request.getHeader("x-token"));
                            answer.handle(request);
                        }));
    }

    private static String webhook(HttpServer server, String more) {
        return "{ url: \"http://127.0.0.1:"
                + server.actualPort()
                + "/changes\", secrets: ["
                + SECRET
                + ", "
                + OLDER
                + "]"
                + more
                + " }";
    }

    private ChangeHandler handler(HttpServer server, String more) {
        return factory(webhook(server, more), TestHttp.onLoopback(vertx)).create(rule());
    }

    private List<String> faults(String webhook) {
        return faults(webhook, TestHttp.onLoopback(vertx));
    }

    private List<String> faults(String webhook, HttpSink http) {
        return factory(webhook, http)
                .check(rule(), List.of(TICKETS.relation()))
                .await()
                .atMost(LIMIT)
                .stream()
                .map(Fault::message)
                .toList();
    }

    private WebhookFactory factory(String webhook, HttpSink http) {
        RulesYaml yaml =
                RulesYaml.of("\"to them.\": { tables: tickets, webhook: " + webhook + " }");
        return new WebhookFactory(
                yaml.text(), http, new Envelopes(source -> FakeQueries.NONE), registry);
    }

    private static Rule rule() {
        Set<Operation> events = EnumSet.allOf(Operation.class);
        Filter filter = new Filter(List.of(TablePattern.parse("tickets")), events);
        return new Rule("to them.", "webhook", "main", filter, Rule.Retry.DEFAULT);
    }

    private static String handle(ChangeHandler handler, RowChange change) {
        return handler.handle(change).await().atMost(LIMIT).toString();
    }

    private static void assertFails(ChangeHandler handler, String ending) {
        assertThatThrownBy(() -> handle(handler, inserted()))
                .isInstanceOf(SinkException.class)
                .hasMessageStartingWith("127.0.0.1:")
                .hasMessageEndingWith(ending);
    }

    private double count(String answer) {
        return registry.get("wal_monitor_webhook_requests").tag("answer", answer).counter().count();
    }
}
