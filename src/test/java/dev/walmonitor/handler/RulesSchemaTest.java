package dev.walmonitor.handler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.walmonitor.rule.RulesConfig;
import io.quarkus.arc.All;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.config.ConfigMappings.ConfigClass;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The schema by which editors complete rules, against the keys that the service knows. */
@QuarkusTest
class RulesSchemaTest {
    private static final Path SCHEMA =
            Path.of("src/main/resources/META-INF/resources/schema/rules.json");

    @Inject @All List<ActionFactory> factories;

    private static JsonNode schema() {
        try {
            return new ObjectMapper().readTree(Files.readString(SCHEMA));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The leaves of an object, a dot between the levels. */
    private static void leaves(JsonNode schema, JsonNode type, String path, Set<String> leaves) {
        JsonNode resolved =
                type.has("$ref") ? schema.at(type.get("$ref").asText().substring(1)) : type;
        if (!resolved.has("properties")) {
            leaves.add(path);
            return;
        }
        resolved.get("properties")
                .properties()
                .forEach(field ->
                        leaves(
                                schema,
                                field.getValue(),
                                path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                                leaves));
    }

    private Set<String> known() {
        Set<String> known = new TreeSet<>();
        add(RulesConfig.class, known);
        factories.forEach(factory -> add(factory.settings(), known));
        return known;
    }

    private static void add(Class<?> mapping, Set<String> known) {
        String prefix = RulesConfig.PREFIX + ".*.";
        for (String property : ConfigClass.configClass(mapping).getProperties().keySet()) {
            known.add(property.substring(prefix.length()).replaceAll("\\[\\*]", ""));
        }
    }

    @Test
    void theSchemaAndTheServiceKnowTheSameKeys() {
        JsonNode schema = schema();
        Set<String> described = new TreeSet<>();
        leaves(schema, schema.at("/$defs/rule"), "", described);
        Set<String> missing = new TreeSet<>(known());
        missing.removeAll(described);
        Set<String> tooMany = new TreeSet<>(described);
        tooMany.removeAll(known());

        assertThat(missing)
                .as("keys to add to %s, those of an action below $defs.ACTION.properties", SCHEMA)
                .isEmpty();
        assertThat(tooMany)
                .as("keys to take out of %s, or to add to the action's mapping", SCHEMA)
                .isEmpty();
    }

    @Test
    void everyActionIsOneOfThoseOfWhichARuleHasOne() {
        JsonNode schema = schema();
        Set<String> actions = new TreeSet<>();
        schema.at("/$defs/rule/oneOf").forEach(one -> actions.add(one.at("/required/0").asText()));

        assertThat(actions)
                .as("$defs.rule.oneOf of %s", SCHEMA)
                .containsExactlyInAnyOrderElementsOf(
                        factories.stream().map(ActionFactory::action).toList());
    }

    @Test
    void everyKeyIsDescribed() {
        JsonNode schema = schema();
        for (String part :
                List.of("rule", "cache", "notify", "webhook", "stream", "sql", "archive")) {
            schema.at("/$defs/" + part + "/properties")
                    .properties()
                    .forEach(field ->
                            assertThat(
                                            field.getValue().has("description")
                                                    || field.getValue().has("$ref"))
                                    .as(part + "." + field.getKey())
                                    .isTrue());
        }
    }

    @Test
    void theDocumentsHoldTheSameSchema() throws IOException {
        assertThat(Path.of("docs/rules.schema.json")).hasSameTextualContentAs(SCHEMA);
    }
}
