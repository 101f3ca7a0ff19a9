package dev.walmonitor.bench;

import dev.walmonitor.embedded.MeasuredPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The command lines of consumers.
 *
 * @param home the directory {@code bench}
 * @param jvm further options of every JVM
 */
record Commands(Path home, MeasuredPostgres server, List<String> jvm) {
    private static final List<String> JAVA =
            List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx1g",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");

    Commands with(List<String> options) {
        return new Commands(home, server, options);
    }

    /**
     * Of one run.
     *
     * @param mode how it is told when to end
     * @param end where the backlog ends in the log
     */
    List<String> of(
            Consumer consumer, String slot, String publication, List<String> mode, String end) {
        Map<String, List<String>> places = new HashMap<>();
        places.put("{java}", Stream.concat(JAVA.stream(), jvm.stream()).toList());
        places.put(Training.PLACE, Training.option(home, jvm));
        places.put("{home}", List.of(home.toString()));
        places.put("{host}", List.of("127.0.0.1"));
        places.put("{port}", List.of(String.valueOf(server.portNumber())));
        places.put("{db}", List.of(MeasuredPostgres.DATABASE));
        places.put("{user}", List.of(MeasuredPostgres.USER));
        places.put("{slot}", List.of(slot));
        places.put("{pub}", List.of(publication));
        places.put("{mode}", mode);
        places.put("{end}", List.of(end));
        places.put("{pg_recvlogical}", List.of(program("pg_recvlogical").orElse("pg_recvlogical")));
        for (String module : List.of("runner", "debezium", "service")) {
            places.put("{cp:" + module + "}", List.of(classPath(module)));
        }
        return consumer.command(places);
    }

    /** Whether what a consumer needs is installed, and built. */
    boolean isHere(Consumer consumer) {
        return consumer.command().stream().allMatch(this::isHere);
    }

    private boolean isHere(String word) {
        if (word.equals("{pg_recvlogical}")) {
            return program("pg_recvlogical").isPresent();
        }
        if (word.startsWith("{cp:")) {
            return !classPath(word.substring(4, word.length() - 1)).isEmpty();
        }
        return !word.startsWith("{home}/")
                || Files.exists(home.resolve(word.substring(7).replaceFirst("[:*].*", "")));
    }

    private String classPath(String module) {
        Path target = home.resolve(module).resolve("target");
        Path file = target.resolve("classpath");
        try {
            return Files.exists(file)
                    ? target.resolve("classes") + ":" + Files.readString(file).strip()
                    : "";
        } catch (IOException e) {
            throw new IllegalStateException("Expected to read " + file, e);
        }
    }

    /** On the path, or where Debian keeps the programs of each version, the latest first. */
    private static Optional<String> program(String name) {
        Stream<Path> path =
                Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":")).map(Path::of);
        return Stream.concat(versions(), path)
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private static Stream<Path> versions() {
        Path debian = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(debian)) {
            return Stream.empty();
        }
        try (Stream<Path> versions = Files.list(debian)) {
            return versions
                    .sorted(
                            Comparator.comparing((Path version) -> version.getFileName().toString())
                                    .reversed())
                    .map(version -> version.resolve("bin"))
                    .toList()
                    .stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }
}
