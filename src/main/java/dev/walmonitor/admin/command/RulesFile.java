package dev.walmonitor.admin.command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The file that the rules were read from, before the command could say anything. */
record RulesFile(Path path) {

    /** Why nothing can have been read from it. */
    Optional<String> fault() {
        if (!Files.isReadable(path)) {
            return Optional.of("There is no file " + path + " that can be read.");
        }
        String name = path.toString().toLowerCase(Locale.ROOT);
        return Stream.of(".yaml", ".yml", ".properties").anyMatch(name::endsWith)
                ? Optional.empty()
                : Optional.of(
                        "Expected a file that ends with .yaml, .yml or .properties, got "
                                + path
                                + ".");
    }
}
