package dev.walmonitor.process;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private final Receiver receiver = new Receiver(this::take);
    private final List<Entry> entries = new ArrayList<>();
    private int run;

    String url() {
        return receiver.url();
    }

    private int take(Receiver.Received received) {
        write(new JsonObject(received.body()).encode());
        return 200;
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
        receiver.close();
    }
}
