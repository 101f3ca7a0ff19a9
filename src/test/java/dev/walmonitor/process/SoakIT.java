package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged service under the load of {@code simulate}, for {@code -Dsoak.minutes=60} at {@code
 * -Dsoak.rate=200} changes a second: what it takes of its machine is written to {@code
 * target/soak}, and must be flat in the second half of the time.
 */
@EnabledIfSystemProperty(named = "soak.minutes", matches = "\\d+")
@EnabledOnOs(OS.LINUX)
class SoakIT {
    private static final long MINUTES = Long.getLong("soak.minutes", 60);
    private static final int RATE = Integer.getInteger("soak.rate", 200);
    private static final long MIB = 1 << 20;

    /** So many looks, however long it takes. */
    private static final int LOOKS = 120;

    private static final Path KEPT = Path.of("target", "soak").toAbsolutePath();
    private static final String RULES =
            """
            wal-monitor:
              rules:
                item: { tables: public.item, cache: { key: "item:{id}", value: row } }
                shelf: { tables: public.item, cache: { key: "shelf:{shelf}", query: "select id, name from item where shelf = {shelf} order by id limit 20" } }
                told: { tables: public.item, stream: { key: "changes:item", max-length: 10000 } }
                kept: { tables: public.item, events: delete, archive: { retention: 7d } }
            """;

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final List<Vitals> seen = new ArrayList<>();

    @AfterEach
    void end() {
        redis.shutdown();
        postgres.stopImmediately();
    }

    @Test
    void whatItTakesIsFlatAtTheEnd() throws Exception {
        postgres.execute(
                "create table item (id bigint generated always as identity primary key, shelf int not"
                        + " null, name text not null, price numeric(10,2) not null, note text);"
                        + " insert into item (shelf, name, price, note) select n % 20, 'item ' || n, n,"
                        + " repeat('x', 200) from generate_series(1, 100) n;"
                        + " alter table item owner to app; alter table item replica identity full");
        Map<String, String> environment =
                new HashMap<>(Map.of("DATABASE_URL", postgres.url(), "REDIS_URL", redis.address()));
        Files.createDirectories(KEPT);
        try (ServiceProcess service =
                ServiceProcess.start(home.resolve("service"), environment, RULES)) {
            service.awaitReady();
            environment.putAll(service.address());
            String report = underLoad(service, environment);
            keep(report);
            assertThat(report).contains("The rows that were inserted are deleted again.");
            assertThat(service.log()).doesNotContain(" ERROR ");
        }
        flat();
    }

    private String underLoad(ServiceProcess service, Map<String, String> environment)
            throws Exception {
        Path beside = Files.createDirectories(home.resolve("load"));
        Files.createDirectories(beside.resolve("config"));
        Files.writeString(beside.resolve("config/application.yaml"), RULES);
        long began = System.nanoTime();
        try (CommandProcess load =
                CommandProcess.start(
                        beside,
                        environment,
                        "simulate",
                        "--rate",
                        String.valueOf(RATE),
                        "--for",
                        MINUTES + "m",
                        "--force")) {
            long pause = Math.max(1_000, MINUTES * 60_000 / LOOKS);
            while (load.isAlive() && System.nanoTime() - began < MINUTES * 60_000_000_000L) {
                Thread.sleep(pause);
                seen.add(Vitals.of(service, (System.nanoTime() - began) / 1e9));
            }
            return load.end().out();
        }
    }

    private Series series(String name, ToDoubleFunction<Vitals> of) {
        return new Series(
                name,
                seen.stream().map(Vitals::seconds).toList(),
                seen.stream().map(each -> of.applyAsDouble(each)).toList());
    }

    private List<Series> all() {
        return List.of(
                series("heap after GC, MiB", each -> each.heap() / (double) MIB),
                series("direct buffers, MiB", each -> each.direct() / (double) MIB),
                series("RSS, MiB", each -> each.rss() / (double) MIB),
                series("threads", Vitals::threads),
                series("file handles", Vitals::handles),
                series("lag, MiB", each -> each.lag() / (double) MIB));
    }

    private void keep(String report) throws Exception {
        List<String> lines = new ArrayList<>(List.of(Vitals.HEADINGS));
        seen.forEach(each -> lines.add(each.csv()));
        Files.write(KEPT.resolve("soak.csv"), lines);
        Files.writeString(KEPT.resolve("load.txt"), report);
        Files.writeString(
                KEPT.resolve("soak.svg"),
                Graph.svg(
                        "WAL Monitor, " + RATE + " changes a second for " + MINUTES + " minutes",
                        all()));
    }

    /** Along the line that fits the second half best, no figure rises by more than noise. */
    private void flat() {
        List<Double> parts = List.of(0.10, 0.10, 0.05, 0.0, 0.0, 0.0);
        List<Double> noise = List.of(4.0, 4.0, 16.0, 1.5, 3.0, 4.0);
        SoftAssertions flat = new SoftAssertions();
        List<Series> all = all();
        for (int i = 0; i < all.size(); i++) {
            Series half = all.get(i).lastHalf();
            System.out.printf(
                    "%-22s mean %.1f, %.1f to %.1f, rises by %.2f in the second half%n",
                    half.name(), half.mean(), half.least(), half.most(), half.rise());
            flat.assertThat(half.rise())
                    .as("how much it rises in the second half: " + half.name())
                    .isLessThan(parts.get(i) * half.mean() + noise.get(i));
        }
        flat.assertAll();
    }
}
