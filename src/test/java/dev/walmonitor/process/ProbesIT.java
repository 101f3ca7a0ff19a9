package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.FaultProxy;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.embedded.SharedServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probes of the packaged service tell the truth, and its sources cost one another nothing. */
class ProbesIT {
    private static final Logger LOG = Logger.getLogger(ProbesIT.class);

    /** Idle for this long stays ready; ten minutes with {@code -Dprobes.idle=PT10M}. */
    private static final Duration IDLE = Duration.parse(System.getProperty("probes.idle", "PT15S"));

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final FaultProxy proxy = FaultProxy.to(postgres);

    @BeforeEach
    void tables() {
        postgres.execute(
                "CREATE TABLE role (id int PRIMARY KEY, name text NOT NULL);"
                        + " INSERT INTO role VALUES (1, 'Admin'); ALTER TABLE role OWNER TO app");
    }

    @AfterEach
    void end() {
        proxy.close();
        redis.shutdown();
        postgres.stopImmediately();
    }

    private ServiceProcess service(String sources) {
        return service(sources, "");
    }

    private ServiceProcess service(String sources, String rules) {
        return ServiceProcess.start(
                home,
                Map.of(
                        "DATABASE_URL", proxy.through(postgres.url()),
                        "MONITOR_DATABASE_URL", postgres.url(),
                        "REDIS_URL", redis.address()),
                """
                wal-monitor:
                  monitor:
                    idle-after: 5s
                  sources:
                    main:
                      wal-sender-timeout: 4s
                      canary-interval: 1s
                %s
                  rules:
                    roles:
                      source: main
                      tables: public.role
                      cache: { key: "master:roles", query: "select id, name from role order by id" }
                %s
                """
                        .formatted(sources, rules));
    }

    private static String state(ServiceProcess service, String source) {
        return service.api("/replication/" + source + "/status").getString("state");
    }

    private static String probe(ServiceProcess service, String source) {
        return service.ready()
                .jsonPath()
                .getString("checks.find { it.name == 'source-" + source + "' }.status");
    }

    private static void awaitProbe(ServiceProcess service, String source, String status) {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> status.equals(probe(service, source)));
    }

    @Test
    void anIdleSourceIsProvedAndStaysReadyAndABlackHoleIsNotTakenForIdle() {
        try (ServiceProcess service = service("")) {
            service.awaitReady();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> state(service, "main").equals("IDLE"));
            AtomicInteger samples = new AtomicInteger();
            await().during(IDLE)
                    .atMost(IDLE.plusSeconds(30))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> {
                        samples.incrementAndGet();
                        return "UP".equals(probe(service, "main"))
                                && state(service, "main").equals("IDLE");
                    });
            assertThat(samples.get()).isGreaterThan(20);
            assertThat(service.metrics())
                    .contains("wal_monitor_canary_seconds_count{source=\"main\"}");

            proxy.blackHole();
            awaitProbe(service, "main", "DOWN");
            String message =
                    service.ready()
                            .jsonPath()
                            .getString("checks.find { it.name == 'source-main' }.data.message");
            assertThat(message).isNotBlank();
            await().atMost(Duration.ofSeconds(10))
                    .until(() ->
                            "ERROR"
                                    .equals(
                                            postgres.query(
                                                    "app",
                                                    "SELECT status FROM wal_monitor.wal_monitor")));
            proxy.cutAll();
            proxy.pass();
            awaitProbe(service, "main", "UP");
        }
    }

    @Test
    void aSourceThatIsDownOrRefusedCostsTheOthersNothing() {
        postgres.execute("CREATE ROLE stranger LOGIN REPLICATION PASSWORD 'right'");
        String refused = postgres.url().replace("app:app@", "stranger:wrong@");
        String down = postgres.url().replaceFirst(":[0-9]+/", ":1/");
        try (ServiceProcess service =
                service(
                        """
                            down:
                              url: %s
                              slot: down
                            refused:
                              url: %s
                              slot: refused
                        """
                                .formatted(down, refused))) {
            service.awaitLogged("Listening on");
            awaitProbe(service, "main", "UP");
            assertThat(probe(service, "down")).isEqualTo("DOWN");
            await().atMost(Duration.ofSeconds(20))
                    .until(() ->
                            service.metrics()
                                    .contains(
                                            "wal_monitor_source_state{source=\"refused\",state=\"FAILED\"} 1.0"));
            assertThat(probe(service, "refused")).isEqualTo("DOWN");
            var _ = handlingTimes("Admin");
            assertThat(service.metrics())
                    .contains("wal_monitor_source_state{source=\"down\",state=\"CONNECTING\"} 1.0")
                    .doesNotContain("wal_monitor_reconnects_total{source=\"main\"");
        }
    }

    /** The time from the update to the cache, of each of 20 changes of the source main. */
    private List<Duration> handlingTimes(String prefix) {
        List<Duration> times = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String name = prefix + " " + i;
            long begun = System.nanoTime();
            postgres.execute("UPDATE role SET name = '" + name + "'");
            awaitCached("master:roles", name);
            times.add(Duration.ofNanos(System.nanoTime() - begun));
        }
        times.sort(Comparator.naturalOrder());
        return times;
    }

    private void awaitCached(String key, String text) {
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> String.valueOf(redis.get(key)).contains(text));
    }

    /** The kind of a column is changed on its way, in one source's stream, whenever it comes. */
    @Test
    void f47_aSourceThatIsPoisonedSaysWhatToDoSkipsNothingAndCostsTheOthersNothing() {
        String bad = postgres.createDatabase("bad");
        SharedServers.execute(
                bad,
                "CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL)",
                "INSERT INTO item VALUES (1, 'first')");
        try (FaultProxy between = FaultProxy.to(postgres).streamsOnly();
                ServiceProcess service =
                        service(
                                """
                                    bad:
                                      url: %s
                                      slot: bad
                                      canary-interval: 1m
                                """
                                        .formatted(between.through(bad)),
                                """
                                    items:
                                      source: bad
                                      tables: public.item
                                      cache: { key: "items", query: "select id, name from item order by id" }
                                """)) {
            service.awaitReady();
            List<Duration> before = handlingTimes("before");
            SharedServers.execute(bad, "UPDATE item SET name = 'second'");
            awaitCached("items", "second");
            String log = postgres.query("bad", "SELECT pg_current_wal_insert_lsn()");

            between.set(
                    FaultProxy.Direction.TO_CLIENT,
                    new FaultProxy.Fault.Garble("t\0\0\0\5third", "?\0\0\0\5third"));
            SharedServers.execute(bad, "UPDATE item SET name = 'third'");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> state(service, "bad").equals("POISONED"));

            assertThat(service.api("/replication/bad/status").getString("sentence"))
                    .contains("on slot bad cannot be read: ")
                    .contains("It is in the transaction ");
            String remedy =
                    "Nothing was skipped and nothing after it is confirmed; the stream is tried again once a"
                            + " minute. If it stays, look for what changes bytes on the way (TLS would notice"
                            + " it), and report the sentence. Only an operator passes it by. To pass over that"
                            + " transaction, and it alone: wal-monitor skip --source bad --xid "
                            + service.api("/replication/bad/status").getString("blocked.xid")
                            + "; what is lost is then a gap on record.";
            assertThat(service.api("/replication/bad/status").getString("remedy"))
                    .isEqualTo(remedy);
            assertThat(probe(service, "bad")).isEqualTo("DOWN");
            assertThat(
                            service.ready()
                                    .jsonPath()
                                    .getString(
                                            "checks.find { it.name == 'source-bad' }.data.message"))
                    .endsWith(remedy);
            await("the monitor row")
                    .atMost(Duration.ofSeconds(20))
                    .until(() ->
                            "ERROR"
                                    .equals(
                                            service.api("/wal-monitor/sources/bad")
                                                    .getString("status")));
            assertThat(service.api("/wal-monitor/sources/bad").getString("error_message"))
                    .endsWith(remedy);

            List<Duration> beside = handlingTimes("beside");

            assertThat(probe(service, "main")).isEqualTo("UP");
            assertThat(service.api("/wal-monitor/sources/main").getString("status"))
                    .isIn("ACTIVE", "IDLE");
            assertThat(service.metrics())
                    .contains("wal_monitor_source_state{source=\"bad\",state=\"POISONED\"} 1.0")
                    .contains("wal_monitor_source_state{source=\"main\",state=\"POISONED\"} 0.0")
                    .contains("wal_monitor_reconnects_total{source=\"bad\",sqlstate=\"decode\"")
                    .doesNotContain("wal_monitor_reconnects_total{source=\"main\"");
            assertThat(redis.get("items")).contains("second");
            assertThat(
                            postgres.query(
                                    "bad",
                                    "SELECT confirmed_flush_lsn <= '%s' FROM pg_replication_slots WHERE slot_name = 'bad'"
                                            .formatted(log)))
                    .isEqualTo("t");
            LOG.infof(
                    "Handled beside a poisoned source: median %d ms, at most %d ms; before: %d and %d ms",
                    beside.get(10).toMillis(),
                    beside.getLast().toMillis(),
                    before.get(10).toMillis(),
                    before.getLast().toMillis());

            between.pass();
            await("what was poisoned comes when it can be read")
                    .atMost(Duration.ofSeconds(100))
                    .until(() -> String.valueOf(redis.get("items")).contains("third"));
            awaitProbe(service, "bad", "UP");
        }
    }
}
