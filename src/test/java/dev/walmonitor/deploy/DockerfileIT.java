package dev.walmonitor.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** After the build: what the image takes is all that the build made, and it is there. */
class DockerfileIT {

    @Test
    void theJvmImageTakesAllThatTheBuildMade() throws IOException {
        Path build = Path.of("target/quarkus-app");
        List<String> taken = Dockerfile.jvm().copied();

        assertThat(build.resolve("quarkus-run.jar")).exists();
        try (Stream<Path> made = Files.list(build)) {
            assertThat(
                            made.filter(path ->
                                    !path.getFileName()
                                            .toString()
                                            .equals("quarkus-app-dependencies.txt")))
                    .allSatisfy(path -> assertThat(taken).contains(pattern(path)));
        }
    }

    private static String pattern(Path path) {
        String name = path.getFileName().toString();
        return Files.isDirectory(path)
                ? path + "/"
                : path.getParent() + "/*" + name.substring(name.lastIndexOf('.'));
    }
}
