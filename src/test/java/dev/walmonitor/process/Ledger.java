package dev.walmonitor.process;

import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Slack of our own that writes down what it is told: lines {@code run=R id=CHANGE key=K
 * version=V}. It answers only after it has written.
 */
final class Ledger implements AutoCloseable {
    private static final Pattern ENTRY = Pattern.compile("id=(\\S+) key=(\\S+) version=(\\d+)");

    /** One delivery. */
    record Entry(int run, String id, String key, int version) {}

    private final HttpServer server;
    private final List<Entry> entries = new ArrayList<>();
    private int run;

    Ledger() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(
                "/hook",
                exchange -> {
                    String body =
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8);
                    write(new JsonObject(body).encode());
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
    }

    private synchronized void write(String text) {
        Matcher m = ENTRY.matcher(text);
        if (!m.find()) {
            throw new IllegalStateException("Expected a ledger entry, got " + text);
        }
        entries.add(new Entry(run, m.group(1), m.group(2), Integer.parseInt(m.group(3))));
    }

    /** The service was started again; within one run nothing may come out of order. */
    synchronized void nextRun() {
        run++;
    }

    synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** The versions that were told of each key, in order and without repetition. */
    Map<String, List<Integer>> firstTold() {
        Map<String, List<Integer>> told = new HashMap<>();
        for (Entry entry : entries()) {
            List<Integer> versions = told.computeIfAbsent(entry.key(), k -> new ArrayList<>());
            if (!versions.contains(entry.version())) {
                versions.add(entry.version());
            }
        }
        return told;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
