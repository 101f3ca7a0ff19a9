package dev.walmonitor.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Whoever is sent requests by the service: a Slack, a webhook. On loopback, on any free port. */
final class Receiver implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * A request.
     *
     * @param id the header {@code webhook-id}
     */
    record Received(@Nullable String id, String body) {}

    /**
     * @param answers the status for a request, once it may be answered; asked by many threads
     */
    Receiver(ToIntFunction<Received> answers) {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/in", exchange -> answer(exchange, answers));
        server.start();
    }

    private static void answer(HttpExchange exchange, ToIntFunction<Received> answers)
            throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String id = exchange.getRequestHeaders().getFirst("webhook-id");
        exchange.sendResponseHeaders(answers.applyAsInt(new Received(id, body)), -1);
        exchange.close();
    }

    /** Where requests go. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/in";
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
