package dev.walmonitor.sink.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.sink.SinkException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Request;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What cannot be made to happen on a real server. */
class RedisLineTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final AtomicInteger connections = new AtomicInteger();

    /** The first connection was lost before anybody could listen to its end. */
    private Redis client() {
        return fake(
                Redis.class,
                Map.of(
                        "connect",
                        () ->
                                Future.succeededFuture(
                                        connection(connections.incrementAndGet() > 1))));
    }

    private static RedisConnection connection(boolean works) {
        return fake(
                RedisConnection.class,
                Map.of(
                        "send",
                        () ->
                                works
                                        ? Future.succeededFuture()
                                        : Future.failedFuture("Connection is closed"),
                        "close",
                        Future::succeededFuture));
    }

    /** Answers what it has answers for; every other method returns what it was called on. */
    @SuppressWarnings("unchecked")
    private static <T> T fake(Class<T> type, Map<String, Answer> answers) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> {
                            if (method.getDeclaringClass() == Object.class) {
                                return method.invoke(answers, arguments);
                            }
                            Answer answer = answers.get(method.getName());
                            if (answer == null) {
                                return self;
                            }
                            Future<?> given = answer.give();
                            if (arguments != null
                                    && arguments[arguments.length - 1] instanceof Handler<?> who) {
                                ((Handler<Future<?>>) who).handle(given);
                                return self;
                            }
                            return given;
                        }));
    }

    @FunctionalInterface
    private interface Answer {
        Future<?> give();
    }

    @Test
    void f67_aConnectionThatIsClosedWithoutAWordIsLeftForAnother() {
        RedisLine line =
                new RedisLine(
                        () -> io.vertx.mutiny.redis.client.Redis.newInstance(client()),
                        "test:6379",
                        LIMIT);
        Request ping = Request.cmd(Command.PING);

        assertThatThrownBy(() -> line.send(ping).await().atMost(LIMIT))
                .isInstanceOf(SinkException.class)
                .hasMessage("Redis at test:6379 cannot be reached")
                .matches(failure -> ((SinkException) failure).isRetryable());
        assertThat(line.send(ping).await().atMost(LIMIT)).isNull();
        assertThat(connections).hasValue(2);
    }
}
