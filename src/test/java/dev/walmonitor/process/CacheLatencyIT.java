package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long after an UPDATE its row is in Redis: from the clock of the statement, so with its
 * commit, to the moment at which Redis carries the write out, as its MONITOR tells. A measurement,
 * not a test: {@code -Dcache.latency=1000} is the rate, in single-row transactions a second, {@code
 * -Dcache.seconds=100} for how long. {@code -Dcache.beside=down} puts two rules beside the cache
 * whose endpoints refuse everything.
 */
@EnabledIfSystemProperty(named = "cache.latency", matches = "\\d+")
class CacheLatencyIT {
    private static final Pattern SET =
            Pattern.compile("^\\+(\\d+\\.\\d+) \\[0 lua] \"SET\" \"item:\\d+\" \"(.*)\".*$");
    private static final Pattern AT = Pattern.compile("at\\\\\": \\\\\"([^\\\\]+)\\\\\"");
    private static final int SECONDS = Integer.getInteger("cache.seconds", 20);
    private static final boolean BESIDE_DEAD = "down".equals(System.getProperty("cache.beside"));

    /** Nobody listens there. */
    private static final String DEAD =
            """
                told:
                  tables: public.item
                  events: [insert, update]
                  notify: { channels: slack, title: "item", body: "{after.id}" }
                sent:
                  tables: public.item
                  webhook: { url: "http://127.0.0.1:1/in", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }
              webhooks:
                allowed-networks: 127.0.0.0/8
              channels:
                slack:
                  url: http://127.0.0.1:1/in
            """;

    private static final int WARM_UP = 10;

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();

    @AfterEach
    void end() {
        redis.shutdown();
        postgres.stopImmediately();
    }

    @Test
    void fromTheUpdateToRedis() throws Exception {
        int rate = Integer.getInteger("cache.latency");
        postgres.execute(
                "create table item (id int primary key, at timestamptz, note text); insert into item"
                        + " select n, now(), repeat('x', 100) from generate_series(1, 1000) n;"
                        + " alter table item owner to app");
        String rules =
                """
                wal-monitor:
                  rules:
                    items:
                      tables: public.item
                      cache: { key: "item:{id}", value: row }
                """
                        + (BESIDE_DEAD ? DEAD : "");
        try (ServiceProcess service =
                        ServiceProcess.start(
                                home,
                                Map.of(
                                        "DATABASE_URL", postgres.url(),
                                        "REDIS_URL", redis.address()),
                                rules);
                Socket monitor = new Socket(InetAddress.getLoopbackAddress(), redis.portNumber())) {
            service.awaitReady();
            write(rate, WARM_UP);
            monitor.getOutputStream().write("MONITOR\r\n".getBytes(StandardCharsets.US_ASCII));
            List<Double> millis = Collections.synchronizedList(new ArrayList<>());
            Thread reader = Thread.ofPlatform().start(() -> read(monitor, millis));
            write(rate, SECONDS);
            Thread.sleep(1_000);
            monitor.shutdownInput();
            reader.join();
            assertThat(millis).hasSizeGreaterThan(rate * SECONDS / 2);
            Collections.sort(millis);
            System.out.printf(
                    "%d a second, %d rows%s: p50 %.2f ms, p95 %.2f ms, p99 %.2f ms, most %.2f ms%n",
                    rate,
                    millis.size(),
                    BESIDE_DEAD ? " beside two endpoints that are down" : "",
                    at(millis, 0.5),
                    at(millis, 0.95),
                    at(millis, 0.99),
                    millis.getLast());
        }
    }

    private static double at(List<Double> sorted, double part) {
        return sorted.get((int) (sorted.size() * part));
    }

    private void write(int rate, int seconds) throws Exception {
        try (Connection connection = postgres.open("app");
                PreparedStatement update =
                        connection.prepareStatement(
                                "update item set at = clock_timestamp() where id = ?")) {
            long began = System.nanoTime();
            long between = TimeUnit.SECONDS.toNanos(1) / rate;
            for (int i = 0; i < rate * seconds; i++) {
                long wait = began + i * between - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                }
                update.setInt(1, 1 + i % 1000);
                update.executeUpdate();
            }
        }
    }

    private static void read(Socket monitor, List<Double> millis) {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(monitor.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher set = SET.matcher(line);
                if (set.matches()) {
                    Matcher at = AT.matcher(set.group(2));
                    if (at.find()) {
                        var began = OffsetDateTime.parse(at.group(1)).toInstant();
                        double since =
                                Double.parseDouble(set.group(1)) * 1000
                                        - (began.getEpochSecond() * 1000.0
                                                + began.getNano() / 1_000_000.0);
                        millis.add(since);
                    }
                }
            }
        } catch (IOException e) {
            // closed by the test
        }
    }
}
