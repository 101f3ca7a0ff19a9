package dev.walmonitor.admin.command.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The running service, as it is asked by HTTP. Waits for each answer. What it does not do is a
 * {@link RefusedException}, with a sentence for people.
 *
 * @param url where it is, without a path
 * @param environment where the credentials come from: a command line can be seen by everybody
 */
record Service(String url, Map<String, String> environment) {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int REDIRECTS = 3;
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /** An answer of the API. */
    JsonNode get(String path) {
        return json(ask("GET", "/api/v1" + path, null));
    }

    /** Has the API do something. */
    JsonNode post(String path, @Nullable JsonNode body) {
        return json(ask("POST", "/api/v1" + path, body == null ? "" : body.toString()));
    }

    /** An answer that is no JSON, wherever it is. */
    String text(String path) {
        return ask("GET", path, null);
    }

    /** Text as part of a path or query. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static JsonNode json(String body) {
        try {
            return body.isEmpty() ? JSON.createObjectNode() : JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new RefusedException("Expected JSON from the service, got something else.");
        }
    }

    private String ask(String method, String path, @Nullable String body) {
        URI at = uri(path);
        for (int i = 0; i <= REDIRECTS; i++) {
            HttpResponse<String> response = send(method, at, body);
            if (response.statusCode() != 307 && response.statusCode() != 308) {
                return accepted(at, response);
            }
            at = elsewhere(at, response);
        }
        throw new RefusedException("The instances of the service send one to each other.");
    }

    private URI uri(String path) {
        try {
            URI base = URI.create(url.replaceFirst("/+$", ""));
            if (base.getHost() != null && ("http".equals(base.getScheme()) || isTls(base))) {
                return URI.create(base + path);
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new RefusedException(
                "Expected a URL such as http://localhost:8080, got \"" + url + "\".");
    }

    private static boolean isTls(URI uri) {
        return "https".equals(uri.getScheme());
    }

    /** Another instance does it; a password that went by TLS goes on by nothing else. */
    private static URI elsewhere(URI from, HttpResponse<String> response) {
        Optional<String> location = response.headers().firstValue("Location");
        URI to = from.resolve(location.orElse(""));
        if (location.isEmpty() || (isTls(from) && !isTls(to))) {
            throw new RefusedException("Another instance reads the source; ask that one.");
        }
        return to;
    }

    private HttpResponse<String> send(String method, URI at, @Nullable String body) {
        BodyPublisher content =
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(at).timeout(PATIENCE).method(method, content);
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        authorization().ifPresent(value -> request.header("Authorization", value));
        try {
            return CLIENT.send(request.build(), BodyHandlers.ofString());
        } catch (HttpTimeoutException e) {
            throw new RefusedException("The service at " + server(at) + " does not answer.");
        } catch (ConnectException e) {
            throw new RefusedException(
                    "There is no service at "
                            + server(at)
                            + ": start it, or say where it is with --url or WAL_MONITOR_URL.");
        } catch (IOException e) {
            throw new RefusedException(
                    "The service at " + server(at) + " cannot be asked: " + e.getMessage() + ".");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException("Interrupted.");
        }
    }

    private Optional<String> authorization() {
        String token = environment.get("WAL_MONITOR_TOKEN");
        if (token != null && !token.isEmpty()) {
            return Optional.of("Bearer " + token);
        }
        return basic("operator", "WAL_MONITOR_OPERATOR_PASSWORD")
                .or(() -> basic("viewer", "WAL_MONITOR_VIEWER_PASSWORD"));
    }

    private Optional<String> basic(String user, String variable) {
        return Optional.ofNullable(environment.get(variable))
                .filter(password -> !password.isEmpty())
                .map(password ->
                        "Basic "
                                + Base64.getEncoder()
                                        .encodeToString(
                                                (user + ":" + password)
                                                        .getBytes(StandardCharsets.UTF_8)));
    }

    private String accepted(URI at, HttpResponse<String> response) {
        int status = response.statusCode();
        if (status < 300) {
            return response.body();
        }
        throw new RefusedException(
                switch (status) {
                    case 401 ->
                            "The service at "
                                    + server(at)
                                    + " does not know you: set WAL_MONITOR_OPERATOR_PASSWORD,"
                                    + " WAL_MONITOR_VIEWER_PASSWORD or WAL_MONITOR_TOKEN.";
                    case 403 ->
                            "You may not do that: it needs the role operator"
                                    + " (WAL_MONITOR_OPERATOR_PASSWORD, or a token that has it).";
                    default -> problem(at, response);
                });
    }

    private static String problem(URI at, HttpResponse<String> response) {
        JsonNode problem;
        try {
            problem = JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            problem = JSON.createObjectNode();
        }
        String detail = problem.path("detail").asText("");
        String remedy = problem.path("remedy").asText("");
        return detail.isEmpty()
                ? "The service at "
                        + server(at)
                        + " answers "
                        + response.statusCode()
                        + " to "
                        + at.getPath()
                        + "."
                : remedy.isEmpty() ? detail : detail + " " + remedy;
    }

    private static String server(URI at) {
        return at.getScheme() + "://" + at.getAuthority();
    }

    /** Without the environment, which holds secrets. */
    @Override
    public String toString() {
        return "Service[" + url + "]";
    }
}
