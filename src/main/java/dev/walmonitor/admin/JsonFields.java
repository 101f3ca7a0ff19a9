package dev.walmonitor.admin;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.walmonitor.sink.Wording;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An object of a request's body, read field by field, so that what is absent can be told from what
 * is null, and what is wrong is told with the field's name. Every method throws an {@link
 * HttpProblem} of status 400 for what it does not expect.
 */
final class JsonFields {
    private static final int LONGEST_SHOWN = 100;

    private static final ObjectReader JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build()
                    .readerFor(JsonNode.class);

    private final JsonNode object;

    /** What stands before a field's name, such as {@code [3].}; empty for the whole body. */
    private final String prefix;

    private JsonFields(JsonNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    /** Reads a body that is one object and has no other fields than these. */
    static JsonFields object(@Nullable String body, Set<String> names) {
        return of(parse(body), "", names);
    }

    /** Reads a body that is a list of such objects. */
    static List<JsonFields> list(@Nullable String body, int most, Set<String> names) {
        JsonNode list = parse(body);
        if (!list.isArray()) {
            throw bad("body", "Expected a JSON array of objects, got " + show(list));
        }
        if (list.size() > most) {
            throw bad("body", "Expected at most " + most + " objects, got " + list.size());
        }
        Iterator<JsonNode> each = list.iterator();
        return java.util.stream.IntStream.range(0, list.size())
                .mapToObj(n -> of(each.next(), "[" + n + "].", names))
                .toList();
    }

    private static JsonFields of(JsonNode node, String prefix, Set<String> names) {
        if (!node.isObject()) {
            String field = prefix.isEmpty() ? "body" : prefix.substring(0, prefix.length() - 1);
            throw bad(field, "Expected a JSON object, got " + show(node));
        }
        node.fieldNames()
                .forEachRemaining(name -> {
                    if (!names.contains(name)) {
                        throw bad(
                                prefix + Wording.cut(Wording.oneLine(name), LONGEST_SHOWN),
                                "Expected no other fields than "
                                        + String.join(", ", names.stream().sorted().toList()));
                    }
                });
        return new JsonFields(node, prefix);
    }

    private static JsonNode parse(@Nullable String body) {
        try {
            JsonNode node = body == null || body.isBlank() ? null : JSON.readTree(body);
            if (node != null && !node.isMissingNode()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw bad(
                    "body",
                    "Expected JSON, got something else"
                            + (at == null
                                    ? ""
                                    : " at line "
                                            + at.getLineNr()
                                            + ", column "
                                            + at.getColumnNr()));
        }
        throw bad("body", "Expected JSON, got nothing");
    }

    static HttpProblem bad(String field, String detail) {
        return Problems.builder("bad-field", "Bad field " + field, Status.BAD_REQUEST, detail + ".")
                .with("field", field)
                .build();
    }

    HttpProblem fault(String name, String expected) {
        return bad(prefix + name, "Expected " + expected + ", got " + show(object.path(name)));
    }

    boolean has(String name) {
        return object.has(name);
    }

    boolean isNull(String name) {
        return object.path(name).isNull();
    }

    /** A text without the character NUL, which PostgreSQL cannot store; null if it is none. */
    @Nullable String text(String name, int longest) {
        JsonNode node = object.path(name);
        if (node.isNull() || node.isMissingNode()) {
            return null;
        }
        if (!node.isTextual() || node.textValue().indexOf(0) >= 0) {
            throw fault(name, "a text");
        }
        if (node.textValue().length() > longest) {
            throw bad(
                    prefix + name,
                    "Expected at most "
                            + longest
                            + " characters, got "
                            + node.textValue().length());
        }
        return node.textValue();
    }

    /** A whole number that is not negative; null if there is none. */
    @Nullable Long number(String name) {
        JsonNode node = object.path(name);
        if (node.isNull() || node.isMissingNode()) {
            return null;
        }
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
            throw fault(name, "a whole number from 0 to 9223372036854775807");
        }
        return node.longValue();
    }

    /** A time with its offset; null if there is none. */
    @Nullable Instant time(String name) {
        String text = text(name, LONGEST_SHOWN);
        if (text == null) {
            return null;
        }
        Instant time = Parameters.time(text);
        if (time != null) {
            return time;
        }
        throw fault(name, "a time with its offset, such as 2026-11-21T18:00:00Z");
    }

    /** Text or a whole number, as text. */
    @Nullable String nameOrId(String name) {
        JsonNode node = object.path(name);
        return node.isIntegralNumber() ? node.bigIntegerValue().toString() : text(name, 255);
    }

    private static String show(JsonNode node) {
        return node.isMissingNode()
                ? "nothing"
                : node.isContainerNode()
                        ? node.isArray() ? "an array" : "an object"
                        : Wording.cut(Wording.oneLine(node.toString()), LONGEST_SHOWN);
    }
}
