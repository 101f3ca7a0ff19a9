package dev.walmonitor.admin.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The resource {@code openapi/examples.json}: problems by status, and requests and answers by
 * endpoint, such as {@code GET /api/v1/rules}.
 */
final class ApiExamples {
    private static final String RESOURCE = "/openapi/examples.json";

    private final JsonNode all;

    private ApiExamples(JsonNode all) {
        this.all = all;
    }

    static ApiExamples read() {
        try (InputStream in = ApiExamples.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("Expected the resource " + RESOURCE);
            }
            return new ApiExamples(new ObjectMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Nullable JsonNode problem(String status) {
        return all.path("problems").get(status);
    }

    @Nullable JsonNode request(String endpoint) {
        return all.path("requests").get(endpoint);
    }

    @Nullable JsonNode answer(String endpoint) {
        return all.path("answers").get(endpoint);
    }
}
