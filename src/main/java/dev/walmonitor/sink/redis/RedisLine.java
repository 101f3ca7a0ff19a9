package dev.walmonitor.sink.redis;

import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.redis.client.Command;
import io.vertx.mutiny.redis.client.Redis;
import io.vertx.mutiny.redis.client.RedisConnection;
import io.vertx.mutiny.redis.client.Request;
import io.vertx.mutiny.redis.client.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the Redis client, to a server or to a cluster; a pool would carry commands out
 * in any order. Connects when it is first needed, and again when the connection is lost, or a
 * command was not answered in time, or the server is no primary any more. Thread-safe.
 *
 * <p>Every failure is a {@link dev.walmonitor.sink.SinkException}.
 */
final class RedisLine {
    private final Supplier<Redis> client;
    private final String server;
    private final Duration timeout;
    private final AtomicInteger connections = new AtomicInteger();
    private final List<Runnable> connected = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable Uni<RedisConnection>> current = new AtomicReference<>();

    /**
     * @param client asked for when it is needed; may throw if no Redis is configured
     * @param server host and port, for messages
     * @param timeout how long a command may take
     */
    RedisLine(Supplier<Redis> client, String server, Duration timeout) {
        this.client = client;
        this.server = server;
        this.timeout = timeout;
    }

    /** Runs the task each time that a connection has been made, before anything goes over it. */
    void whenConnected(Runnable task) {
        connected.add(task);
    }

    /** Runs a script; sends its text only where the server does not know it. */
    Uni<Response> run(Script script, List<String> keys, List<String> arguments) {
        return guarded(connection -> run(connection, script, keys, arguments));
    }

    /**
     * Runs a script, but not over a connection that was made since: what was true of the server
     * when the caller made up his mind may be true no more. Fails then. The first connection of all
     * counts as the one that was there.
     */
    Uni<Response> runHere(Script script, List<String> keys, List<String> arguments) {
        return Uni.createFrom()
                .deferred(() -> {
                    int before = connections.get();
                    return guarded(connection ->
                            before == 0 || connections.get() == before
                                    ? run(connection, script, keys, arguments)
                                    : Uni.createFrom().failure(renewed()));
                });
    }

    private SinkException renewed() {
        return new SinkException("Redis at " + server + " was connected to anew meanwhile", true);
    }

    private static Uni<Response> run(
            RedisConnection connection, Script script, List<String> keys, List<String> arguments) {
        return connection
                .send(request(Command.EVALSHA, script.sha(), keys, arguments))
                .onFailure(RedisFailure::isNoScript)
                .recoverWithUni(() ->
                        connection.send(request(Command.EVAL, script.text(), keys, arguments)));
    }

    private static Request request(
            Command command, String script, List<String> keys, List<String> arguments) {
        Request request = Request.cmd(command).arg(script).arg(keys.size());
        keys.forEach(request::arg);
        arguments.forEach(request::arg);
        return request;
    }

    Uni<Response> send(Request request) {
        return guarded(connection -> connection.send(request));
    }

    private Uni<Response> guarded(Function<RedisConnection, Uni<Response>> work) {
        return Uni.createFrom()
                .deferred(() -> {
                    Uni<RedisConnection> used = connection();
                    return used.chain(work::apply)
                            .ifNoItem()
                            .after(timeout)
                            .fail()
                            .onFailure(RedisFailure::endsConnection)
                            .invoke(() -> hangUp(used));
                })
                .onFailure()
                .transform(failure -> RedisFailure.of(failure, server, timeout));
    }

    /** The next command connects anew. */
    private void hangUp(Uni<RedisConnection> used) {
        if (current.compareAndSet(used, null)) {
            var _ = used.subscribe().with(RedisConnection::closeAndForget, failure -> {});
        }
    }

    private Uni<RedisConnection> connection() {
        Uni<RedisConnection> known = current.get();
        if (known != null) {
            return known;
        }
        Uni<RedisConnection> fresh = connect();
        Uni<RedisConnection> other = current.compareAndExchange(null, fresh);
        return other == null ? fresh : other;
    }

    private Uni<RedisConnection> connect() {
        AtomicReference<@Nullable Uni<RedisConnection>> self = new AtomicReference<>();
        Runnable forget = () -> current.compareAndSet(self.get(), null);
        Uni<RedisConnection> connect =
                Uni.createFrom()
                        .deferred(() -> client.get().connect())
                        .invoke(connection -> {
                            connection.endHandler(forget);
                            connection.exceptionHandler(failure -> forget.run());
                            connections.incrementAndGet();
                            connected.forEach(Runnable::run);
                        })
                        .onFailure()
                        .invoke(forget)
                        .memoize()
                        .indefinitely();
        self.set(connect);
        return connect;
    }
}
