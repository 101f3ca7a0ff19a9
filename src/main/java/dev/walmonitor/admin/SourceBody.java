package dev.walmonitor.admin;

import dev.walmonitor.monitor.SourceRepository;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A source that another listener watches, as it is made known. */
@Schema(
        name = "NewSource",
        requiredProperties = {"name"})
record SourceBody(
        @Schema(
                        description =
                                "1 to 255 characters, not digits alone, no slash and no control characters",
                        examples = "orders")
                String name,
        @Schema(
                        description = "What it is: lower case letters, digits, - and _",
                        defaultValue = DEFAULT_KIND,
                        examples = DEFAULT_KIND)
                @Nullable String kind) {
    private static final Set<String> FIELDS = Set.of("name", "kind");
    private static final String DEFAULT_KIND = "postgresql";
    private static final int LONGEST_NAME = 255;

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if something in it cannot be read
     */
    static SourceBody read(@Nullable String text) {
        JsonFields body = JsonFields.object(text, FIELDS);
        String name = body.text("name", LONGEST_NAME);
        if (name == null || !isName(name)) {
            throw body.fault(
                    "name",
                    "a name of 1 to 255 characters, not digits alone, without slashes, control characters"
                            + " and white space at its ends");
        }
        String kind = body.has("kind") ? body.text("kind", LONGEST_NAME) : DEFAULT_KIND;
        if (kind == null || !kind.matches("[a-z][a-z0-9_-]{0,31}")) {
            throw body.fault("kind", "a word such as postgresql, at most 32 characters");
        }
        return new SourceBody(name, kind);
    }

    /** Whether it can stand in a path, and is not taken for an id there. */
    private static boolean isName(String name) {
        return name.equals(name.strip())
                && !name.matches("[0-9]*|\\.{1,2}|.*[/\\\\\\p{Cntrl}].*")
                && name.chars().noneMatch(Character::isISOControl)
                && !SourceRepository.isId(name);
    }
}
