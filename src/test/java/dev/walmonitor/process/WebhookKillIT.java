package dev.walmonitor.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.RedisServer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Between a webhook's answer and the record of it: the receiver has taken a change in and the
 * service is killed before it can know.
 */
class WebhookKillIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir Path home = Path.of("");

    private final PostgresServer postgres = PostgresServer.started();
    private final RedisServer redis = RedisServer.started();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private final AtomicReference<Consumer<JsonObject>> beforeItAnswers =
            new AtomicReference<>(body -> {});
    private final Receiver receiver = new Receiver(this::take);

    private record Received(String id, JsonObject body) {
        private int row() {
            return body.getJsonObject("new").getInteger("id");
        }
    }

    private int take(Receiver.Received request) {
        JsonObject body = new JsonObject(request.body());
        received.add(new Received(String.valueOf(request.id()), body));
        beforeItAnswers.get().accept(body);
        return 204;
    }

    @AfterEach
    void end() {
        receiver.close();
        redis.shutdown();
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
                  rules:
                    sent:
                      tables: public.item
                      webhook: { url: "%s", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] }
                """
                        .formatted(receiver.url()));
    }

    private void insert(int id) {
        postgres.execute("insert into item values (" + id + ")");
    }

    @Test
    void f28_whatTheReceiverHasAndTheServiceCannotKnowComesAgainUnderTheSameId() {
        postgres.execute("create table item (id int primary key); alter table item owner to app");
        try (ServiceProcess service = service()) {
            service.awaitReady();
            insert(1);
            await("the first").atMost(PATIENCE).until(() -> received.size() == 1);
            beforeItAnswers.set(body -> service.kill9());
            insert(2);
            await("the second").atMost(PATIENCE).until(() -> rows().contains(2));
        }
        beforeItAnswers.set(body -> {});
        insert(3);
        try (ServiceProcess service = service()) {
            service.awaitReady();
            insert(4);
            await("all").atMost(PATIENCE).until(() -> rows().contains(3) && rows().contains(4));
            await("the second once more").atMost(PATIENCE).until(() -> count(2) == 2);
        }
        List<Received> second = received.stream().filter(one -> one.row() == 2).toList();
        assertThat(second).extracting(Received::id).containsOnly(second.getFirst().id());
        assertThat(second)
                .extracting(one -> one.body().getBoolean("redelivered"))
                .containsExactly(null, true);
        assertThat(count(3)).isEqualTo(1);
        Received fourth = received.stream().filter(one -> one.row() == 4).findFirst().orElseThrow();
        assertThat(fourth.body().containsKey("redelivered")).as("new since the start").isFalse();
    }

    private List<Integer> rows() {
        return received.stream().map(Received::row).toList();
    }

    private long count(int row) {
        return received.stream().filter(one -> one.row() == row).count();
    }
}
