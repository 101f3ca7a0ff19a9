package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.FaultProxy;
import dev.walmonitor.embedded.FaultProxy.Direction;
import dev.walmonitor.embedded.FaultProxy.Fault;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.process.CommandProcess.Outcome;
import io.restassured.path.json.JsonPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every verb of the command line, as a process, against real servers, with its exit codes. */
class CommandsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RULES =
            """
            wal-monitor:
              sources:
                main: { canary-interval: 1s }
              rules:
                roles: { tables: public.roles, cache: { key: "master:roles", query: "select id, name from roles order by id" } }
                history: { tables: public.roles, archive: { retention: 7d } }
                told: { tables: public.roles, events: insert, notify: { channels: log, to: "{name}", title: "{name}", body: "{event}" } }
            """;

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final FaultProxy proxy = FaultProxy.to(postgres);
    private final Map<String, String> environment = new HashMap<>();

    @BeforeEach
    void configure() throws Exception {
        proxy.streamsOnly();
        environment.put("DATABASE_URL", proxy.through(postgres.url()));
        environment.put("REDIS_URL", "redis://127.0.0.1:" + redis.portNumber());
        Files.createDirectories(home.resolve("config"));
        Files.writeString(home.resolve("config/application.yaml"), RULES);
        sql(
                "create table roles (id int generated always as identity primary key, name text not null)");
        sql("insert into roles (name) values ('Admin')");
    }

    @AfterEach
    void end() {
        proxy.close();
        redis.shutdown();
        postgres.stopImmediately();
    }

    private void sql(String sql) {
        SharedServers.execute(postgres.url(), sql);
    }

    private Outcome run(String... arguments) throws Exception {
        return CommandProcess.run(home, environment, arguments);
    }

    private void exits(int code, String... arguments) throws Exception {
        Outcome outcome = run(arguments);
        assertThat(outcome.code())
                .as(String.join(" ", arguments) + "\n" + outcome.out() + outcome.err())
                .isEqualTo(code);
    }

    @Test
    void f37_everyVerbDoesItsWorkAndSaysHowItEnded() throws Exception {
        beforeTheService();
        try (ServiceProcess service = ServiceProcess.start(home, environment, RULES)) {
            service.awaitReady();
            environment.putAll(service.address());
            whileItRuns();
            poisoned(service);
            assertThat(service.terminate()).isEqualTo(143); // by SIGTERM
        }
        afterwards();
    }

    private void beforeTheService() throws Exception {
        Outcome down = run("status", "--url", "http://127.0.0.1:1");
        assertThat(down.code()).isEqualTo(1);
        assertThat(down.err())
                .isEqualTo(
                        "There is no service at http://127.0.0.1:1: start it, or say where it is with"
                                + " --url or WAL_MONITOR_URL.\n");
        Outcome dry = run("setup", "--dry-run");
        assertThat(dry.code()).isZero();
        assertThat(dry.out())
                .contains("CREATE TABLE wal_monitor.sources")
                .contains("CREATE PUBLICATION \"wal_monitor\" FOR TABLE \"public\".\"roles\"");
        assertThat(postgres.query("app", "select count(*) from pg_publication")).isEqualTo("0");
        exits(0, "setup");
        Outcome again = run("setup");
        assertThat(again.out())
                .contains("are those of this version.\n")
                .endsWith(
                        "Publication wal_monitor is as the rules need it.\nSlot wal_monitor is"
                                + " there.\n");
        assertThat(again.err()).doesNotContain("Listening");
        postgres.execute("ALTER ROLE app NOREPLICATION");
        Outcome sick = run("doctor", "--json");
        assertThat(sick.code()).isEqualTo(1);
        assertThat(sick.out())
                .contains("\"severity\" : \"FAULT\"")
                .contains("ALTER ROLE \\\"app\\\" REPLICATION");
        exits(1, "setup");
        postgres.execute("ALTER ROLE \"app\" REPLICATION");
        Outcome sound = run("doctor");
        assertThat(sound.code()).as(sound.out()).isZero();
        assertThat(sound.out()).contains("max_slot_wal_keep_size").contains("0 faults, ");
        exits(2, "doctor", "--source", "nobody");
    }

    private void whileItRuns() throws Exception {
        Outcome status = run("status");
        assertThat(status.code()).isZero();
        assertThat(status.out()).contains("SOURCE  STATE").contains("main    STREAMING");
        assertThat(run("status", "--json").out()).startsWith("{\n  \"sources\" : [");
        loadTested();
        for (String topic : new String[] {"lag", "stats", "errors", "handlers"}) {
            exits(0, "metrics", topic);
        }
        exits(2, "metrics", "weather");
        replayed();
        exits(0, "pause", "--rule", "roles", "--reason", "a test");
        exits(0, "resume", "--rule", "roles");
        exits(1, "pause", "--rule", "nobody");
        exits(0, "pause", "--source", "main");
        await().atMost(PATIENCE).until(() -> run("status").out().contains("main    PAUSED"));
        exits(0, "resume", "--source", "main");
        exits(2, "resume");
        exits(0, "dead-letters", "list");
        exits(1, "dead-letters", "show", "4711");
        exits(0, "dead-letters", "retry", "--all", "--force");
        exits(2, "dead-letters", "discard", "--all");
        exits(2, "dead-letters");
        Outcome refused = run("drop", "--force");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("Slot wal_monitor is active: backend ");
        exits(1, "reset", "--force");
    }

    private void loadTested() throws Exception {
        exits(2, "simulate", "--rate", "50", "--for", "2s");
        Outcome simulated = run("simulate", "--rate", "200", "--for", "3s", "--force");
        assertThat(simulated.code()).as(simulated.err()).isZero();
        assertThat(simulated.out())
                .startsWith("Writing into public.roles.\nTABLE ")
                .containsPattern("commit, from when it was due( +[0-9.]+ms){5} +600\n")
                .containsPattern("commit, from when it was sent( +[0-9.]+ms){5} +600\n")
                .containsPattern("commit to done, rule roles( +[0-9.]+ms){5} +[0-9]+\n")
                .containsPattern("commit to done, rule history( +[0-9.]+ms){5} +[0-9]+\n")
                .containsPattern(
                        "\n600 changes in 3\\.[0-9] s over 2 connections: [0-9.]+ a second of 200\\.0\\.\n")
                .endsWith("The rows that were inserted are deleted again.\n");
        assertThat(postgres.query("app", "select count(*) from roles")).isEqualTo("1");
        Outcome scripted =
                run(
                        "simulate",
                        "--rate",
                        "20",
                        "--for",
                        "1s",
                        "--force",
                        "--json",
                        "--url",
                        "http://127.0.0.1:1",
                        "--connections",
                        "1");
        assertThat(scripted.code()).as(scripted.err()).isZero();
        JsonPath report = JsonPath.from(scripted.out());
        assertThat(report.getInt("changes.done")).isEqualTo(20);
        assertThat(report.getInt("commit.from_due.changes")).isEqualTo(20);
        assertThat(report.getInt("rows_left")).isZero();
        assertThat(report.getString("commit_to_done.not_measured"))
                .isEqualTo(
                        "There is no service at http://127.0.0.1:1: start it, or say where it is with"
                                + " --url or WAL_MONITOR_URL.");
        interrupted("INT", 130);
        interrupted("TERM", 143);
        misused("Expected a --rate above 0 and up to 100000, got 0.0", "--rate", "0");
        misused("Expected --connections from 1 to 64, got 65", "--connections", "65");
        misused("Expected --for with a time such as 30s or 5m, got ever", "--for", "ever");
    }

    private void interrupted(String signal, int code) throws Exception {
        try (CommandProcess endless =
                CommandProcess.start(
                        home,
                        environment,
                        "simulate",
                        "--rate",
                        "100",
                        "--for",
                        "10m",
                        "--force")) {
            await().atMost(PATIENCE)
                    .until(() ->
                            Integer.parseInt(
                                            String.valueOf(
                                                    postgres.query(
                                                            "app", "select count(*) from roles")))
                                    > 5);
            if (signal.equals("INT") && endless.ignoresInterrupts()) {
                endless.signal("TERM");
                assertThat(endless.end().code()).isEqualTo(143);
                return;
            }
            endless.signal(signal);
            Outcome ended = endless.end();
            assertThat(ended.code()).isEqualTo(code);
            assertThat(ended.out())
                    .as(ended.err())
                    .containsPattern("commit, from when it was due( +[0-9.]+ms){5} +[0-9]+\n")
                    .contains(" a second of 100.0, interrupted.\n")
                    .endsWith("The rows that were inserted are deleted again.\n");
            assertThat(postgres.query("app", "select count(*) from roles")).isEqualTo("1");
        }
    }

    private void misused(String sentence, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("simulate", "--force"));
        arguments.addAll(List.of(options));
        Outcome outcome = run(arguments.toArray(String[]::new));
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).startsWith(sentence);
    }

    private void replayed() throws Exception {
        Outcome dry = run("replay", "--from", "0/0", "--rule", "told", "--dry-run");
        assertThat(dry.code()).as(dry.err()).isZero();
        assertThat(dry.out())
                .contains(" INSERT of public.roles, rule told:\n  would ")
                .containsPattern("RULE +ACTION +WOULD DO +NOT ITS BUSINESS\ntold +notify +[1-9]");
        exits(2, "replay", "--from", "0/0");
        Outcome replayed = run("replay", "--lsn", "0/0", "--force");
        assertThat(replayed.code()).as(replayed.err()).isZero();
        assertThat(replayed.out())
                .containsPattern("roles +cache +[1-9]")
                .doesNotContain("history")
                .endsWith(
                        "They wait for their rules now: wal-monitor status shows how many are left.\n");
        Outcome nothing = run("replay", "--from", "0/0", "--table", "public.orders", "--force");
        assertThat(nothing.code()).isEqualTo(1);
        assertThat(nothing.err())
                .isEqualTo(
                        "Nothing is known of public.orders of source \"main\", as no rule archives it."
                                + " Add one: history: { tables: public.orders, archive: { retention: 30d } }\n");
        exits(1, "replay", "--from", "yesterday", "--force");
        exits(2, "replay", "--force");
    }

    private void poisoned(ServiceProcess service) throws Exception {
        proxy.set(
                Direction.TO_CLIENT,
                new Fault.Garble("t\0\0\0\u0006poison", "?\0\0\0\u0006poison"));
        sql("insert into roles (name) values ('poison')");
        await().atMost(PATIENCE)
                .until(() ->
                        service.api("/replication/main/status")
                                .getString("state")
                                .equals("POISONED"));
        long xid = service.api("/replication/main/status").getLong("blocked.xid");
        Outcome wrong = run("skip", "--xid", String.valueOf(xid + 1));
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.err()).startsWith("What blocks source main is transaction " + xid + " (");
        exits(2, "skip");
        exits(0, "skip", "--source", "main", "--xid", String.valueOf(xid));
        await().atMost(PATIENCE).until(service::isReady);
        assertThat(
                        postgres.query(
                                "app",
                                "select reason from wal_monitor.gap order by id desc limit 1"))
                .isEqualTo("An operator had the transaction passed over.");
        assertThat(service.log()).containsOnlyOnce("was passed over, as an operator ordered");
        proxy.pass();
    }

    private void afterwards() throws Exception {
        sql("insert into roles (name) values ('never told')");
        exits(2, "reset");
        Outcome reset = run("reset", "--force");
        assertThat(reset.code()).isZero();
        assertThat(reset.out())
                .contains("Slot wal_monitor is made.\n")
                .contains(") is on record.\n")
                .contains("  roles makes its values anew at the next start.\n")
                .contains("  history has missed it.\n")
                .contains("  told has missed it.\n");
        try (ServiceProcess service = ServiceProcess.start(home, environment, RULES)) {
            service.awaitReady();
            assertThat(service.logged("never told")).isFalse();
            assertThat(
                            postgres.query(
                                    "app",
                                    "select reason || ' ' || rules from wal_monitor.gap order by"
                                            + " id desc limit 1"))
                    .isEqualTo(
                            "An operator has reset the source. {\"told\": \"RECORDED\","
                                    + " \"roles\": \"REBUILT\", \"history\": \"RECORDED\"}");
            assertThat(service.terminate()).isEqualTo(143); // by SIGTERM
        }
        exits(2, "drop");
        exits(0, "drop", "--force");
        assertThat(postgres.query("app", "select count(*) from pg_replication_slots"))
                .isEqualTo("0");
        environment.put("DATABASE_URL", postgres.url().replace("app:app", "app:wrong"));
        exits(1, "doctor");
        exits(1, "drop", "--force");
    }
}
