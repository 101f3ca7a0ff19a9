package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trains the packaged service's AOT cache (JEP 483, 515): a run of work as it comes is recorded,
 * and left beside the service as {@code target/quarkus-app/wal-monitor.aot} for the image and for
 * whoever starts it with {@code -XX:AOTCache}.
 */
class AotCacheIT {
    private static final Path CACHE = ServiceProcess.APPLICATION.resolve("wal-monitor.aot");

    /** JDK 25 warns of machine code that it cannot take from the cache; it makes it anew. */
    private static final String QUIET = "-Xlog:aot=error,aot+codecache+stubs=off";

    private static final String RULES =
            """
            wal-monitor:
              rules:
                row: { tables: public.item, cache: { key: "item:{id}", value: row } }
                shelf: { tables: public.item, cache: { key: "shelf:{shelf}", query: "select id, name from item where shelf = {shelf} order by id limit 20" } }
                told: { tables: public.item, when: "op == 'UPDATE' && after.price > 1.0", stream: { key: "changes:item", max-length: 10000 } }
            """;

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();

    @AfterEach
    void end() {
        redis.shutdown();
        postgres.stopImmediately();
    }

    @Test
    void theServiceStartsFromTheCacheThatATrainingRunLeaves() throws Exception {
        Files.deleteIfExists(CACHE);
        postgres.execute(
                "create table item (id bigint primary key, shelf int not null, name text not null,"
                        + " price numeric(10,2) not null, at timestamptz not null default now(), sold bool not null"
                        + " default false); alter table item owner to app; alter table item replica identity full");
        Path learned = home.resolve("learned");
        try (ServiceProcess service =
                start("-XX:AOTMode=record", "-XX:AOTConfiguration=" + learned)) {
            service.awaitReady();
            work(service);
            assertThat(service.terminate()).isEqualTo(143);
        }
        ServiceProcess.once(
                "-XX:+UseSerialGC",
                "-XX:AOTMode=create",
                "-XX:AOTConfiguration=" + learned,
                "-XX:AOTCache=" + CACHE);
        assertThat(CACHE).isNotEmptyFile();

        try (ServiceProcess service = start("-XX:AOTMode=on", "-XX:AOTCache=" + CACHE, QUIET)) {
            service.awaitReady();
            postgres.execute("update item set name = 'from the cache' where id = 1");
            awaitRow(1, "from the cache");
            assertThat(service.terminate()).isEqualTo(143);
            assertThat(service.log()).doesNotContain("[aot]");
        }
    }

    private ServiceProcess start(String... cache) {
        List<String> options = new ArrayList<>(List.of("-Xmx160m", "-XX:+UseSerialGC"));
        options.addAll(List.of(cache));
        return ServiceProcess.start(
                options,
                home,
                Map.of("DATABASE_URL", postgres.url(), "REDIS_URL", redis.address()),
                RULES);
    }

    /** Rows by the thousand, then one a transaction, until all are done; what is scraped, too. */
    private void work(ServiceProcess service) {
        postgres.execute(
                "insert into item (id, shelf, name, price) select n, n % 50, 'item ' || n, n % 100"
                        + " from generate_series(1, 20000) n");
        awaitRow(20_000, "item 20000");
        postgres.execute(
                "do $$ begin for n in 1..10000 loop update item set name = 'again ' || n where id = n;"
                        + " commit; end loop; end $$");
        awaitRow(10_000, "again 10000");
        postgres.execute("delete from item where id > 15000");
        await().atMost(Duration.ofMinutes(3)).until(() -> redis.get("item:20000").equals("nil"));
        assertThat(service.metrics()).contains("wal_monitor_rule_handled_total");
    }

    private void awaitRow(int id, String name) {
        await().atMost(Duration.ofMinutes(3))
                .untilAsserted(() -> assertThat(redis.get("item:" + id)).contains(name));
    }
}
