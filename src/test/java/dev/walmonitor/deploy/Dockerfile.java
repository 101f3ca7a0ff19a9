package dev.walmonitor.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A Dockerfile, instruction by instruction.
 *
 * @param lines one instruction each, continued lines joined
 * @param ignore the patterns of its .dockerignore
 */
record Dockerfile(List<String> lines, List<String> ignore) {

    static Dockerfile jvm() {
        return read("Dockerfile.jvm");
    }

    static Dockerfile nativeImage() {
        return read("Dockerfile.native");
    }

    private static Dockerfile read(String name) {
        Path docker = Path.of("docker");
        try {
            String text = Files.readString(docker.resolve(name)).replace("\\\n", " ");
            List<String> lines =
                    text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
            return new Dockerfile(
                    lines, Files.readAllLines(docker.resolve(name + ".dockerignore")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is copied out of the build, in order. */
    List<String> copied() {
        List<String> sources = new ArrayList<>();
        for (String copy : arguments("COPY")) {
            List<String> words =
                    Arrays.stream(copy.split(" ")).filter(word -> !word.startsWith("--")).toList();
            sources.addAll(words.subList(0, words.size() - 1));
        }
        return sources;
    }

    String workingDirectory() {
        return arguments("WORKDIR").getLast();
    }

    long user() {
        return Long.parseLong(arguments("USER").getLast());
    }

    List<Integer> exposed() {
        return Arrays.stream(arguments("EXPOSE").getLast().split(" "))
                .map(Integer::valueOf)
                .toList();
    }

    List<String> arguments(String instruction) {
        return lines.stream()
                .filter(line -> line.startsWith(instruction + " "))
                .map(line -> line.substring(instruction.length() + 1).strip())
                .toList();
    }
}
