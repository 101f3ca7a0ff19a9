package dev.walmonitor.admin.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem.HttpMethod;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.media.Schema.SchemaType;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.responses.APIResponses;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;
import org.jspecify.annotations.Nullable;

/**
 * Completes the description of every endpoint while the service is built: who may call it, the
 * problems that any of them can answer, and examples.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public final class ApiDescription implements OASFilter {
    private static final String PROBLEM = "application/problem+json";
    private static final String JSON = "application/json";
    private static final String API = "/api/";

    private final ApiExamples examples = ApiExamples.read();

    @Override
    public void filterOpenAPI(OpenAPI api) {
        if (api.getComponents() == null) {
            api.setComponents(OASFactory.createComponents());
        }
        api.getComponents()
                .addSchema("Problem", problem())
                .addSecurityScheme("password", scheme("basic"))
                .addSecurityScheme("token", scheme("bearer"));
        api.setSecurity(
                List.of(
                        OASFactory.createSecurityRequirement().addScheme("password"),
                        OASFactory.createSecurityRequirement().addScheme("token")));
        if (api.getPaths() == null || api.getPaths().getPathItems() == null) {
            return;
        }
        api.getPaths()
                .getPathItems()
                .forEach((path, item) -> {
                    if (path.startsWith(API)) {
                        item.getOperations()
                                .forEach((method, operation) -> complete(path, method, operation));
                    }
                });
    }

    private static SecurityScheme scheme(String name) {
        return OASFactory.createSecurityScheme().type(SecurityScheme.Type.HTTP).scheme(name);
    }

    private static Schema problem() {
        return OASFactory.createSchema()
                .description("RFC 9457; an endpoint may add more")
                .addType(SchemaType.OBJECT)
                .properties(
                        Map.of(
                                "type", text("A urn that stays"),
                                "title", text("What it is"),
                                "status", OASFactory.createSchema().addType(SchemaType.INTEGER),
                                "detail", text("What was expected, what came and where"),
                                "instance", text("The path that was asked for")));
    }

    private static Schema text(String description) {
        return OASFactory.createSchema().description(description).addType(SchemaType.STRING);
    }

    private void complete(String path, HttpMethod method, Operation operation) {
        String endpoint = method + " " + path;
        if (operation.getResponses() == null) {
            operation.setResponses(OASFactory.createAPIResponses());
        }
        boolean looks = method == HttpMethod.GET;
        demand(operation, "401", "No credentials, or wrong ones");
        demand(operation, "403", "This needs the role " + (looks ? "viewer" : "operator"));
        demand(operation, "429", "Too many requests, or too many wrong passwords");
        if (operation.getRequestBody() != null) {
            demand(operation, "400", "The body cannot be read, or does not say what it has to");
            demand(operation, "413", "The body is too large");
            show(operation.getRequestBody().getContent(), examples.request(endpoint));
        }
        responses(operation)
                .forEach((status, response) -> {
                    if (status.startsWith("2")) {
                        show(response.getContent(), examples.answer(endpoint));
                    } else {
                        asProblem(status, response);
                    }
                });
    }

    private static Map<String, APIResponse> responses(Operation operation) {
        Map<String, APIResponse> known = operation.getResponses().getAPIResponses();
        return known == null ? Map.of() : known;
    }

    private static void demand(Operation operation, String status, String description) {
        APIResponses responses = operation.getResponses();
        if (!responses(operation).containsKey(status)) {
            responses.addAPIResponse(
                    status, OASFactory.createAPIResponse().description(description));
        }
    }

    private void asProblem(String status, APIResponse response) {
        Content content = response.getContent();
        if (content == null || content.getMediaType(PROBLEM) == null) {
            content = OASFactory.createContent();
            content.addMediaType(PROBLEM, OASFactory.createMediaType());
            response.setContent(content);
        }
        var media = content.getMediaType(PROBLEM);
        if (media.getSchema() == null) {
            media.setSchema(OASFactory.createSchema().ref("#/components/schemas/Problem"));
        }
        JsonNode example = examples.problem(status);
        if (media.getExample() == null && media.getExamples() == null && example != null) {
            media.setExample(example);
        }
    }

    private static void show(@Nullable Content content, @Nullable JsonNode example) {
        if (content == null || example == null) {
            return;
        }
        var media = content.getMediaType(JSON);
        if (media != null && media.getExample() == null) {
            media.setExample(example);
        }
    }
}
