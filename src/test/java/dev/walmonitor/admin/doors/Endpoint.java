package dev.walmonitor.admin.doors;

import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint as the description of the API has it.
 *
 * @param method in lower case
 * @param operation as in the description
 */
@SuppressWarnings("unchecked") // JSON
record Endpoint(String method, String path, Map<String, Object> operation) {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

    /** A parameter of the path or the query. */
    record Parameter(String in, String name) {}

    static List<Endpoint> all(RequestSpecification as) {
        Map<String, Map<String, Object>> paths =
                as.get("/q/openapi?format=json").then().statusCode(200).extract().path("paths");
        List<Endpoint> all = new ArrayList<>();
        paths.forEach((path, item) ->
                item.forEach((method, operation) -> {
                    if (METHODS.contains(method)) {
                        all.add(new Endpoint(method, path, (Map<String, Object>) operation));
                    }
                }));
        return all;
    }

    List<Parameter> parameters() {
        List<Map<String, Object>> all =
                (List<Map<String, Object>>) operation.getOrDefault("parameters", List.of());
        return all.stream()
                .map(each -> new Parameter(text(each, "in"), text(each, "name")))
                .toList();
    }

    private static String text(Map<String, Object> of, String key) {
        return String.valueOf(Objects.requireNonNull(of.get(key)));
    }

    boolean hasBody() {
        return operation.containsKey("requestBody");
    }

    @Nullable Map<String, Object> response(String status) {
        return ((Map<String, Map<String, Object>>) operation.getOrDefault("responses", Map.of()))
                .get(status);
    }

    Stream<String> statuses() {
        return ((Map<String, Object>) operation.getOrDefault("responses", Map.of()))
                .keySet().stream();
    }

    /** With nothing but what it cannot do without. */
    Response send(RequestSpecification as) {
        return send(as, path.replaceAll("\\{[^}]*\\}", "nothing"), hasBody() ? "{}" : null);
    }

    Response send(RequestSpecification as, String target, @Nullable String body) {
        RequestSpecification request = as.urlEncodingEnabled(false).redirects().follow(false);
        if (body != null) {
            request = request.contentType(ContentType.JSON).body(body);
        }
        return request.request(method.toUpperCase(Locale.ROOT), target);
    }

    @Override
    public String toString() {
        return method.toUpperCase(Locale.ROOT) + " " + path;
    }
}
