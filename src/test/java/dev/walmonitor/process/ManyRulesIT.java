package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.RedisServer;
import dev.walmonitor.embedded.SharedServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A service that has a thousand rules over a hundred tables, from its start to full caches; ten
 * thousand with {@code -Dmany.rules=10000}.
 */
@Tag("redis")
class ManyRulesIT {
    private static final int RULES = Integer.getInteger("many.rules", 1_000);
    private static final int TABLES = RULES / 10;

    @TempDir Path home = Path.of("");

    private final RedisServer redis = RedisServer.started();

    @AfterEach
    void end() {
        redis.shutdown();
    }

    private static String database() {
        String url = SharedServers.freshDatabase();
        StringBuilder sql = new StringBuilder("create schema shop;");
        for (int t = 0; t < TABLES; t++) {
            sql.append("create table shop.t")
                    .append(t)
                    .append(" (id int primary key, name text, price numeric);");
        }
        SharedServers.execute(url, sql.toString());
        return url;
    }

    /** A quarter each: rows, answers, messages, and messages on a condition. */
    private static String rules() {
        StringBuilder yaml = new StringBuilder("wal-monitor:\n  rules:\n");
        for (int i = 0; i < RULES; i++) {
            String action =
                    switch (i % 4) {
                        case 0 -> "cache: { key: \"row-%d:{id}\", value: row }";
                        case 1 ->
                                "cache: { key: \"all-%d\", query: \"select id, name from shop.t%d\" }";
                        case 2 ->
                                "events: [insert, update]\n      notify: { channels: log, title: \"{name}\" }";
                        default ->
                                "events: update\n      when: after.price < 10\n      notify: { channels: log, title: \"{name}\" }";
                    };
            int table = i / 4 % TABLES;
            yaml.append("    rule-%d:\n      tables: shop.t%d\n      ".formatted(i, table))
                    .append(action.formatted(i, table))
                    .append('\n');
        }
        return yaml.toString();
    }

    @Test
    void thousandsOfRulesAreReadCheckedAndFilled() {
        Map<String, String> environment =
                Map.of(
                        "DATABASE_URL", database(),
                        "REDIS_URL", redis.address(),
                        "REPLICATION_SLOT", "many_rules");
        try (ServiceProcess service = ServiceProcess.start(home, environment, rules())) {
            service.awaitReady();
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() ->
                            service.api("/caches").getList("state").stream()
                                            .filter("filled"::equals)
                                            .count()
                                    == RULES / 2);
            assertThat(service.log()).doesNotContain("could not be filled").doesNotContain("ERROR");
        }
    }
}
