package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two endpoints that are down beside a cache: neither the cache nor the slot notices, and when they
 * return everything arrives. {@code -Dparking.changes=100000} makes so many changes.
 */
class ParkingIT {
    private static final int KEYS = 500;
    private static final int CHANGES = Integer.getInteger("parking.changes", 10_000);
    private static final Duration PATIENCE = Duration.ofSeconds(60L + CHANGES / 200);

    /** Of the text of a notification, and of an envelope. */
    private static final Pattern ROW =
            Pattern.compile("key\\W+(k\\d+)\\W+version\\W+(\\d+)", Pattern.DOTALL);

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final Endpoint chat = new Endpoint();
    private final Endpoint hook = new Endpoint();

    /** Refuses whatever it is sent until it is told to be up; writes down what it takes. */
    private static final class Endpoint implements AutoCloseable {
        private final Receiver receiver = new Receiver(this::take);
        private final Map<String, List<Integer>> taken = new HashMap<>();
        private volatile boolean up;

        private int take(Receiver.Received received) {
            if (!up) {
                return 503;
            }
            write(received.body());
            return 200;
        }

        private String url() {
            return receiver.url();
        }

        private synchronized void write(String body) {
            Matcher m = ROW.matcher(body);
            while (m.find()) {
                taken.computeIfAbsent(m.group(1), key -> new ArrayList<>())
                        .add(Integer.valueOf(m.group(2)));
            }
        }

        private synchronized int distinct() {
            return taken.values().stream()
                    .mapToInt(list -> (int) list.stream().distinct().count())
                    .sum();
        }

        private synchronized void assertInOrder() {
            taken.forEach((key, versions) -> {
                List<Integer> first = versions.stream().distinct().toList();
                assertThat(first)
                        .as("versions of %s", key)
                        .containsExactlyElementsOf(
                                IntStream.rangeClosed(1, first.size()).boxed().toList());
                assertThat(versions.getLast()).as("the last of %s", key).isEqualTo(first.size());
            });
        }

        @Override
        public void close() {
            receiver.close();
        }
    }

    @AfterEach
    void end() {
        chat.close();
        hook.close();
        redis.close();
        postgres.stopImmediately();
    }

    private ServiceProcess service() {
        return ServiceProcess.start(
                home,
                Map.of("DATABASE_URL", postgres.url(), "REDIS_URL", redis.address()),
                """
                wal-monitor:
                  webhooks:
                    allowed-networks: 127.0.0.0/8
                  channels:
                    slack:
                      url: %s
                  rules:
                    told:
                      tables: public.item
                      events: [insert, update]
                      retry: { backoff: 50ms, max-backoff: 2s }
                      notify: { channels: slack, title: "item", body: "key={after.key} version={after.version}" }
                    sent:
                      tables: public.item
                      retry: { backoff: 50ms, max-backoff: 2s }
                      webhook: { url: "%s", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }
                    kept:
                      tables: public.item
                      cache: { key: "item:{key}", value: row }
                """
                        .formatted(chat.url(), hook.url()));
    }

    @Test
    void endpointsThatAreDownCostTheOthersNothingAndMissNothing() {
        postgres.execute(
                "create table item (key text primary key, version int not null);"
                        + " alter table item owner to app");
        try (ServiceProcess service = service()) {
            service.awaitReady();
            change(CHANGES / 2);
            assertCacheIsRight();
            assertSlotIsConfirmed();
            await("both rules park")
                    .atMost(PATIENCE)
                    .until(() -> parked(service, "told") > 0 && parked(service, "sent") > 0);
            assertThat(service.get("/barrier?rule=sent&timeout=1s").statusCode()).isEqualTo(409);
            assertThat(service.get("/barrier?rule=kept&timeout=5s").statusCode()).isEqualTo(204);
            service.kill9();
        }
        try (ServiceProcess service = service()) {
            service.awaitReady();
            change(CHANGES / 2);
            assertCacheIsRight();
            assertSlotIsConfirmed();
            chat.up = true;
            hook.up = true;
            await("all that was parked").atMost(PATIENCE).until(() -> hook.distinct() == CHANGES);
            await("all that was parked").atMost(PATIENCE).until(() -> chat.distinct() == CHANGES);
            hook.assertInOrder();
            chat.assertInOrder();
            await("nothing waits any more")
                    .atMost(PATIENCE)
                    .until(() -> parked(service, "told") == 0 && parked(service, "sent") == 0);
            assertThat(postgres.query("app", "select count(*) from wal_monitor.parked_change"))
                    .isEqualTo("0");
            assertThat(service.log()).doesNotContain("\tat ");
        }
    }

    /** A few statements of many rows each, every row in turn. */
    private void change(int changes) {
        for (int i = 0; i < changes / KEYS; i++) {
            postgres.execute(
                    "insert into item as i select 'k' || n, 1 from generate_series(1, "
                            + KEYS
                            + ") n on conflict (key) do update set version = i.version + 1");
        }
    }

    private void assertCacheIsRight() {
        String version = String.valueOf(postgres.query("app", "select max(version) from item"));
        await("the cache")
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        IntStream.rangeClosed(1, KEYS)
                                .allMatch(n ->
                                        String.valueOf(redis.get("item:k" + n))
                                                .contains("\"version\": " + version)));
    }

    private void assertSlotIsConfirmed() {
        String now = String.valueOf(postgres.query("app", "select pg_current_wal_flush_lsn()"));
        await("the slot is confirmed")
                .atMost(PATIENCE)
                .until(() ->
                        "t"
                                .equals(
                                        String.valueOf(
                                                postgres.query(
                                                        "app",
                                                        "select confirmed_flush_lsn >= '"
                                                                + now
                                                                + "' from pg_replication_slots"))));
    }

    private static int parked(ServiceProcess service, String rule) {
        return service.get("/rules/" + rule).then().statusCode(200).extract().path("parked");
    }
}
