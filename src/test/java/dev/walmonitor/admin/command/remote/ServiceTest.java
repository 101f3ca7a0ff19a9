package dev.walmonitor.admin.command.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServiceTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private int status = 200;
    private String body = "{}";
    private String location = "";

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    asked.add(
                            exchange.getRequestMethod()
                                    + " "
                                    + exchange.getRequestURI()
                                    + " "
                                    + exchange.getRequestHeaders().getFirst("Authorization"));
                    int answer = status;
                    if (!location.isEmpty()) {
                        exchange.getResponseHeaders().set("Location", location);
                        location = "";
                        answer = 307;
                    }
                    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(answer, bytes.length == 0 ? -1 : bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private Service service(Map<String, String> environment) {
        return new Service(url(), environment);
    }

    @Test
    void theOperatorComesBeforeTheViewerAndATokenBeforeBoth() {
        var _ = service(Map.of()).get("/rules");
        var _ = service(Map.of("WAL_MONITOR_VIEWER_PASSWORD", "v")).post("/x", null);
        var _ =
                service(
                                Map.of(
                                        "WAL_MONITOR_VIEWER_PASSWORD", "v",
                                        "WAL_MONITOR_OPERATOR_PASSWORD", "o"))
                        .get("/rules");
        var _ =
                service(
                                Map.of(
                                        "WAL_MONITOR_TOKEN", "t",
                                        "WAL_MONITOR_OPERATOR_PASSWORD", "o"))
                        .get("/rules");

        assertThat(asked)
                .containsExactly(
                        "GET /api/v1/rules null",
                        "POST /api/v1/x Basic dmlld2VyOnY=",
                        "GET /api/v1/rules Basic b3BlcmF0b3I6bw==",
                        "GET /api/v1/rules Bearer t");
    }

    @Test
    void whatTheServiceRefusesIsSaidWithWhatHelps() {
        status = 401;
        assertThatThrownBy(() -> service(Map.of()).get("/rules"))
                .hasMessage(
                        "The service at "
                                + url()
                                + " does not know you: set WAL_MONITOR_OPERATOR_PASSWORD,"
                                + " WAL_MONITOR_VIEWER_PASSWORD or WAL_MONITOR_TOKEN.");
        status = 403;
        assertThatThrownBy(() -> service(Map.of()).get("/rules"))
                .hasMessage(
                        "You may not do that: it needs the role operator"
                                + " (WAL_MONITOR_OPERATOR_PASSWORD, or a token that has it).");
        status = 409;
        body = "{\"detail\": \"It is active.\", \"remedy\": \"Stop it.\"}";
        assertThatThrownBy(() -> service(Map.of()).get("/rules"))
                .hasMessage("It is active. Stop it.");
        status = 502;
        body = "<html>";
        assertThatThrownBy(() -> service(Map.of()).get("/rules"))
                .hasMessage("The service at " + url() + " answers 502 to /api/v1/rules.");
        status = 200;
        assertThatThrownBy(() -> service(Map.of()).get("/rules"))
                .hasMessage("Expected JSON from the service, got something else.");
    }

    @Test
    void anotherInstanceIsAskedWhenOneSaysSo() {
        location = url() + "/api/v1/rules?there";
        var _ = service(Map.of("WAL_MONITOR_TOKEN", "t")).post("/rules", null);

        assertThat(asked)
                .containsExactly(
                        "POST /api/v1/rules Bearer t", "POST /api/v1/rules?there Bearer t");
    }

    @Test
    void whereNobodyListensThatIsSaid() {
        server.stop(0);

        assertThatThrownBy(() -> service(Map.of()).get("/rules"))
                .hasMessage(
                        "There is no service at "
                                + url()
                                + ": start it, or say where it is with --url or WAL_MONITOR_URL.");
        assertThatThrownBy(() -> new Service("localhost:8080", Map.of()).get("/rules"))
                .hasMessage(
                        "Expected a URL such as http://localhost:8080, got \"localhost:8080\".");
    }

    @Test
    void theMetricsOfATopicAreShown() {
        body =
                """
                # HELP wal_monitor_changes_total x
                wal_monitor_source_state{source="main",state="IDLE"} 0.0
                wal_monitor_source_state{source="main",state="STREAMING"} 1.0
                wal_monitor_replication_lag_bytes{source="main"} 2048.0
                wal_monitor_slot_retained_bytes{source="main"} 16777216.0
                wal_monitor_slot_safe_bytes{source="main"} NaN
                wal_monitor_canary_seconds_count{source="main"} 4.0
                wal_monitor_canary_seconds_sum{source="main"} 0.01
                wal_monitor_canary_seconds_max{source="main"} 0.004
                wal_monitor_changes_total{event="INSERT",source="main",table="public.\\"t, x\\""} 3.0
                wal_monitor_changes_total{event="DELETE",source="main",table="public.u"} 0.0
                wal_monitor_gaps_total{source="main"} 1.0
                wal_monitor_rule_handled_total{outcome="done",rule="roles",source="main"} 7.0
                wal_monitor_rule_handled_total{outcome="failed",rule="roles",source="main"} 2.0
                wal_monitor_rule_latency_seconds_count{rule="roles",source="main"} 7.0
                wal_monitor_rule_latency_seconds_sum{rule="roles",source="main"} 14.0
                wal_monitor_rule_latency_seconds_max{rule="roles",source="main"} 5.0
                jvm_gc_pause_seconds_count 3
                """;
        Terminal terminal = new Terminal("http://127.0.0.1:1", Map.of());
        String at = "--metrics-url=" + url();

        assertThat(terminal.run("metrics", "lag", at)).isZero();
        assertThat(terminal.out())
                .isEqualTo(
                        """
                        SOURCE  STATE      LAG      RETAINED  LEFT  CANARY  CANARY MAX
                        main    STREAMING  2.0 KiB  16.0 MiB  -     2.5ms   4.0ms
                        """);
        assertThat(terminal.run("metrics", "stats", at)).isZero();
        assertThat(terminal.out())
                .isEqualTo(
                        """
                        SOURCE  TABLE          EVENT   CHANGES
                        main    public."t, x"  INSERT  3
                        """);
        assertThat(terminal.run("metrics", "errors", at)).isZero();
        assertThat(terminal.out())
                .isEqualTo(
                        """
                        WHAT                OF                                         HOW OFTEN
                        gaps_total          {source=main}                              1
                        rule_handled_total  {outcome=failed, rule=roles, source=main}  2
                        """);
        assertThat(terminal.run("metrics", "handlers", at)).isZero();
        assertThat(terminal.out())
                .isEqualTo(
                        """
                        RULE   DONE  FAILED  PARKED  DEAD  DROPPED  MEAN  MAX  WAITING
                        roles  7     2       -       -     -        2s    5s   -
                        """);
        assertThat(terminal.run("metrics", "errors", "--json", at)).isZero();
        assertThat(terminal.out())
                .contains("\"name\" : \"gaps_total\"")
                .contains("\"value\" : 1.0");
        assertThat(terminal.run("metrics", "weather", at)).isEqualTo(2);
        assertThat(terminal.run("metrics", "lag")).isEqualTo(1);
    }
}
