package dev.walmonitor.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a service that has started can be asked.
 *
 * @param api the port of its API
 * @param management the port of health and metrics
 */
record Doors(int api, int management) {
    /** Of the operator, for the environment of a service. */
    static final String PASSWORD = "of-the-operator";

    private static final Pattern LISTENING =
            Pattern.compile(
                    "Listening on: http://[^:]+:(\\d+)\\. Management interface listening on http://[^:]+:(\\d+)\\.");

    private static final String LOGIN =
            "Basic "
                    + Base64.getEncoder()
                            .encodeToString(
                                    ("operator:" + PASSWORD).getBytes(StandardCharsets.UTF_8));

    private static final int OK = 200;
    private static final int DONE = 204;
    private static final int NOT_IN_TIME = 504;

    /** As its log tells; empty as long as it does not listen. */
    static Optional<Doors> of(String log) {
        Matcher ports = LISTENING.matcher(log);
        return ports.find()
                ? Optional.of(
                        new Doors(
                                Integer.parseInt(ports.group(1)), Integer.parseInt(ports.group(2))))
                : Optional.empty();
    }

    boolean isReady() throws IOException, InterruptedException {
        URI ready = URI.create("http://127.0.0.1:" + management + "/q/health/ready");
        return status(HttpRequest.newBuilder(ready).build()) == OK;
    }

    /** Returns when a rule is done with everything that was committed before. */
    void awaitBarrier(String rule, Duration limit) throws IOException, InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        HttpRequest asked = request("/barrier?timeout=5s&rule=" + rule).build();
        int status = status(asked);
        while (status == NOT_IN_TIME && System.nanoTime() < until) {
            status = status(asked);
        }
        if (status != DONE) {
            throw new ConsumerFailed("answered " + status + " to the barrier of rule " + rule);
        }
    }

    /** Lets a rule do nothing, or go on: {@code pause} or {@code resume}. */
    void tell(String rule, String what) throws IOException, InterruptedException {
        HttpRequest told =
                request("/rules/" + rule + "/" + what).POST(BodyPublishers.noBody()).build();
        int status = status(told);
        if (status / 100 != 2) {
            throw new ConsumerFailed("answered " + status + " to " + what + " of rule " + rule);
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api + "/api/v1" + path))
                .header("Authorization", LOGIN);
    }

    private static int status(HttpRequest request) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, BodyHandlers.discarding()).statusCode();
        }
    }
}
