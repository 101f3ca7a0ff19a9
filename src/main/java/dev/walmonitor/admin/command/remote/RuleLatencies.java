package dev.walmonitor.admin.command.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Listens, through the running service, to how long after their commits its rules are done with
 * changes. Asks one question after the other on a thread of its own; a change that is done in the
 * moment between two of them is not counted.
 */
public final class RuleLatencies {
    private static final String WHILE_IT_RUNS = "5s";
    private static final String AT_THE_END = "500ms";
    private static final int DIGITS = 2;

    private final Service service;
    private final String source;
    private final Thread thread = new Thread(this::listen, "latencies of rules");

    /** Written by the thread, read when it has ended. */
    private final Map<String, Histogram> rules = new TreeMap<>();

    private @Nullable String refusal;
    private volatile long deadlineNanos;
    private volatile boolean ending;

    /**
     * What was heard.
     *
     * @param rules in microseconds, of each change once a rule
     * @param refusal why it is not all, or nothing; null if it is
     */
    public record Heard(Map<String, Histogram> rules, @Nullable String refusal) {}

    /**
     * @param url where the service is
     * @param environment where the credentials come from
     */
    public RuleLatencies(String url, Map<String, String> environment, String source) {
        this.service = new Service(url, environment);
        this.source = source;
    }

    /** Begins to listen; whether anybody answers is told at the end. */
    public void begin() {
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Listens until nothing more is done, and tells.
     *
     * @param patience for how long at most; zero for not at all
     */
    public Heard end(Duration patience) {
        deadlineNanos = System.nanoTime() + patience.toNanos();
        ending = true;
        if (patience.isZero()) {
            thread.interrupt();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new Heard(rules, refusal);
    }

    private void listen() {
        try {
            boolean last;
            long done;
            do {
                last = ending;
                done = ask(last ? AT_THE_END : WHILE_IT_RUNS);
            } while (!last || (done > 0 && System.nanoTime() < deadlineNanos));
        } catch (RefusedException e) {
            if (!ending || !Thread.interrupted()) {
                refusal = e.getMessage();
            }
        }
    }

    /** Answers how many changes were done meanwhile. */
    private long ask(String time) {
        long all = 0;
        JsonNode answer =
                service.get("/replication/" + Service.encoded(source) + "/latencies?for=" + time);
        for (JsonNode rule : answer.path("rules")) {
            Histogram histogram =
                    rules.computeIfAbsent(
                            rule.path("rule").asText(), name -> new Histogram(DIGITS));
            for (JsonNode count : rule.path("recorded")) {
                histogram.recordValueWithCount(
                        count.path("micros").asLong(), count.path("changes").asLong());
            }
            all += rule.path("changes").asLong();
        }
        return all;
    }
}
