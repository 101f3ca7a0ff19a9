package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitorPoolTest {
    private final Vertx vertx = Vertx.vertx();

    private record Input(
            Vertx vertx, PoolOptions poolOptions, List<PgConnectOptions> pgConnectOptionsList)
            implements PgPoolCreator.Input {}

    @AfterEach
    void close() throws Exception {
        var _ = done(vertx.close().toCompletionStage());
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() throws Exception {
        NetServer silent =
                done(
                        vertx.createNetServer()
                                .connectHandler(socket -> {})
                                .listen(0, "127.0.0.1")
                                .toCompletionStage());
        PgConnectOptions server =
                new PgConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(silent.actualPort())
                        .setDatabase("app")
                        .setUser("app");
        Pool pool =
                new MonitorPool(Duration.ofMillis(100))
                        .create(new Input(vertx, new PoolOptions().setMaxSize(1), List.of(server)));

        assertThat(pool.query("SELECT 1").execute().toCompletionStage().toCompletableFuture())
                .failsWithin(Duration.ofSeconds(20));
        assertThat(server.getProperties()).containsEntry("application_name", "wal-monitor");
    }

    private static <T> T done(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
