package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.process.SpanReceiver.Sent;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spans of changes, from an application's own trace to a webhook's receiver. */
class TracingIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CANARY = "quokka-of-the-row";

    /** As Prometheus asks. */
    private static final String OPEN_METRICS =
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
    private static final String PARENT = "00-" + TRACE + "-b7ad6b7169203331-01";

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final SpanReceiver collector = new SpanReceiver();
    private final List<String> places = new CopyOnWriteArrayList<>();
    private HttpServer receiver;

    @BeforeEach
    void listen() throws IOException {
        receiver =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        receiver.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        receiver.createContext(
                "/",
                exchange -> {
                    var _ = exchange.getRequestBody().readAllBytes();
                    boolean taken = exchange.getRequestURI().getPath().equals("/in");
                    if (taken) {
                        places.add(
                                Objects.toString(
                                        exchange.getRequestHeaders().getFirst("traceparent")));
                    }
                    exchange.sendResponseHeaders(taken ? 204 : 500, -1);
                    exchange.close();
                });
        receiver.start();
        postgres.execute(
                "create table item (id int primary key, note text); alter table item owner to app;"
                        + " create table broken (id int primary key, note text); alter table broken owner to app");
    }

    @AfterEach
    void end() {
        receiver.stop(0);
        collector.close();
        redis.shutdown();
        postgres.stopImmediately();
    }

    private ServiceProcess service(Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("DATABASE_URL", postgres.url());
        environment.put("REDIS_URL", redis.address());
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
        environment.put("QUARKUS_OTEL_BSP_SCHEDULE_DELAY", "200ms");
        return ServiceProcess.start(
                home,
                environment,
                """
                wal-monitor:
                  webhooks:
                    allowed-networks: 127.0.0.0/8
                  rules:
                    sent:
                      tables: public.item
                      webhook: { url: "http://127.0.0.1:%1$d/in", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }
                    lost:
                      tables: public.broken
                      retry: { max-attempts: 1 }
                      webhook: { url: "http://127.0.0.1:%1$d/no", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }
                """
                        .formatted(receiver.getAddress().getPort()));
    }

    private void insert(String table, int id, String place) {
        postgres.execute(
                "begin; select pg_logical_emit_message(true, 'wal_monitor.traceparent', '"
                        + place
                        + "'); insert into "
                        + table
                        + " values ("
                        + id
                        + ", '"
                        + CANARY
                        + "'); commit");
    }

    /** As docs/tracing.md has it. */
    private static void joinTrace(Connection connection, SpanContext span) throws SQLException {
        try (PreparedStatement message =
                connection.prepareStatement(
                        "select pg_logical_emit_message(true, 'wal_monitor.traceparent', ?)")) {
            message.setString(
                    1,
                    "00-%s-%s-%s"
                            .formatted(
                                    span.getTraceId(),
                                    span.getSpanId(),
                                    span.getTraceFlags().asHex()));
            message.execute();
        }
    }

    private void insertAsAnApplication(int id) throws SQLException {
        try (Connection connection = postgres.open("app")) {
            connection.setAutoCommit(false);
            joinTrace(
                    connection,
                    SpanContext.create(
                            TRACE,
                            "b7ad6b7169203331",
                            TraceFlags.getSampled(),
                            TraceState.getDefault()));
            try (PreparedStatement insert =
                    connection.prepareStatement("insert into item values (?, ?)")) {
                insert.setInt(1, id);
                insert.setString(2, CANARY);
                insert.execute();
            }
            connection.commit();
        }
    }

    private Sent awaitSpan(String what, Predicate<Sent> wanted) {
        return await(what)
                .atMost(PATIENCE)
                .until(
                        () -> collector.spans.stream().filter(wanted).findFirst().orElse(null),
                        Objects::nonNull);
    }

    @Test
    void aChangeIsFollowedFromTheApplicationsTraceToItsEffect() throws SQLException {
        try (ServiceProcess service = service(Map.of("OTEL_SDK_DISABLED", "false"))) {
            service.awaitReady();
            assertThat(service.logged("Spans of changes go to " + collector.url() + ".")).isTrue();
            Instant before = Instant.now();
            insertAsAnApplication(1);
            Instant after = Instant.now();
            followed(before, after);
            given(service);
            exemplified(service);
            assertThat(collector.raw).noneMatch(text -> text.contains(CANARY));
            away(service);
        }
    }

    private void followed(Instant before, Instant after) {
        Sent span = awaitSpan("the change", s -> s.name().equals("sent INSERT public.item"));
        Sent attempt = awaitSpan("the attempt", s -> s.parent().equals(span.id()));
        assertThat(span.trace()).isEqualTo(TRACE);
        assertThat(span.parent()).isEqualTo("b7ad6b7169203331");
        assertThat(span.start()).isBetween(before.minusMillis(50), after.plusMillis(50));
        assertThat(span.end()).isAfterOrEqualTo(attempt.end());
        assertThat(attempt.start()).isAfterOrEqualTo(span.start());
        assertThat(attempt.name()).isEqualTo("attempt");
        assertThat(span.events()).containsExactly("received");
        assertThat(span.attributes())
                .containsOnlyKeys(
                        "db.collection.name",
                        "db.operation.name",
                        "wal_monitor.source",
                        "wal_monitor.rule",
                        "wal_monitor.action",
                        "wal_monitor.xid",
                        "wal_monitor.lsn",
                        "wal_monitor.change_id",
                        "wal_monitor.delivery",
                        "wal_monitor.outcome",
                        "wal_monitor.effect",
                        "wal_monitor.attempts")
                .containsEntry("db.collection.name", "public.item")
                .containsEntry("wal_monitor.rule", "sent")
                .containsEntry("wal_monitor.action", "webhook")
                .containsEntry("wal_monitor.delivery", "first")
                .containsEntry("wal_monitor.outcome", "done")
                .containsEntry("wal_monitor.effect", "sent");
        assertThat(places).containsExactly("00-" + TRACE + "-" + attempt.id() + "-01");
    }

    /** What cannot be done, and a place that is none. */
    private void given(ServiceProcess service) {
        insert("broken", 1, PARENT.replace("b7ad", "b7ae"));
        Sent dead = awaitSpan("the dead letter", s -> s.name().startsWith("lost "));
        assertThat(dead.trace()).isEqualTo(TRACE);
        assertThat(dead.attributes()).containsEntry("wal_monitor.outcome", "dead");
        assertThat(dead.status()).as("an error").isEqualTo(2);
        insert("item", 2, "nonsense-" + CANARY);
        Sent own = awaitSpan("a trace of its own", s -> s.parent().isEmpty());
        assertThat(own.trace()).isNotEqualTo(TRACE);
        assertThat(service.metrics())
                .contains("wal_monitor_trace_contexts_total{outcome=\"bad\",source=\"main\"} 1.0")
                .contains(
                        "wal_monitor_trace_contexts_total{outcome=\"taken\",source=\"main\"} 2.0");
    }

    private static void exemplified(ServiceProcess service) {
        String metrics = service.metrics(OPEN_METRICS);
        Matcher bucket =
                Pattern.compile(
                                "wal_monitor_rule_latency_seconds_bucket\\{[^}]*rule=\"sent\"[^}]*\\} [0-9.]+ # \\{span_id=\"[0-9a-f]{16}\",trace_id=\"([0-9a-f]{32})\"\\}")
                        .matcher(metrics);
        assertThat(bucket.find()).as("an exemplar in\n" + metrics).isTrue();
        assertThat(service.metrics("application/openmetrics-text")).contains(bucket.group(1));
        assertThat(metrics)
                .containsPattern(
                        "wal_monitor_rule_handled_total\\{outcome=\"done\",rule=\"sent\"[^}]*\\} [0-9.]+ # \\{span_id=");
    }

    /** The collector goes, and nothing else notices. */
    private void away(ServiceProcess service) {
        collector.close();
        for (int id = 100; id < 110; id++) {
            insert("item", id, PARENT);
        }
        await("the work goes on").atMost(PATIENCE).until(() -> places.size() == 12);
        service.awaitLogged("Spans cannot be sent to " + collector.url());
        insert("item", 110, PARENT);
        await("the work goes on").atMost(PATIENCE).until(() -> places.size() == 13);
        assertThat(service.log().lines().filter(line -> line.contains("Spans cannot be sent")))
                .hasSize(1);
        assertThat(service.log())
                .doesNotContain("Failed to export")
                .doesNotContain("VertxGrpc")
                .doesNotContain(CANARY);
        assertThat(service.terminate()).as(service.log()).isIn(0, 143);
    }

    @Test
    void whileItIsOffNothingIsSentAndTheApplicationsTraceGoesOnAsItIs() {
        try (ServiceProcess service = service(Map.of())) {
            service.awaitReady();
            insert("item", 1, PARENT);
            insert("item", 2, "nonsense");
            await("both").atMost(PATIENCE).until(() -> places.size() == 2);

            assertThat(places).containsExactlyInAnyOrder(PARENT, "null");
            assertThat(service.metrics() + service.metrics(OPEN_METRICS))
                    .contains("wal_monitor_rule_latency_seconds_bucket")
                    .doesNotContain("# {")
                    .doesNotContain("trace_id");
            assertThat(service.terminate()).isIn(0, 143);
            assertThat(service.log().lines())
                    .filteredOn(line -> !line.contains("Installed features"))
                    .noneMatch(line ->
                            line.toLowerCase(Locale.ROOT).matches(".*(otel|opentelemetry|span).*"));
            assertThat(collector.raw).isEmpty();
        }
    }

    @Test
    void theSamplerAndTheProtocolAreThoseThatTheEnvironmentNames() {
        try (ServiceProcess service =
                service(
                        Map.of(
                                "OTEL_SDK_DISABLED", "false",
                                "OTEL_TRACES_SAMPLER", "parentbased_always_off",
                                "OTEL_SERVICE_NAME", "watcher",
                                "OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"))) {
            service.awaitReady();
            insert("item", 1, "nonsense");
            insert("item", 2, PARENT);
            Sent span = awaitSpan("the sampled one", s -> s.name().startsWith("sent "));

            assertThat(span.trace()).isEqualTo(TRACE);
            assertThat(collector.spans).extracting(Sent::trace).containsOnly(TRACE);
            assertThat(collector.raw).allMatch(text -> text.contains("watcher"));
            assertThat(places).hasSize(2).anyMatch(place -> place.endsWith("-00"));
        }
    }
}
