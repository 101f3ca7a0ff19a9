package dev.walmonitor.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EmbeddedServersTest {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @Test
    void a_second_class_loader_finds_the_servers_of_the_first() throws Exception {
        String postgres = EmbeddedServers.postgres("test");
        String redis = EmbeddedServers.redis("test");

        try (URLClassLoader reloaded =
                new URLClassLoader(urls(), ClassLoader.getPlatformClassLoader())) {
            Class<?> servers = reloaded.loadClass(EmbeddedServers.class.getName());

            assertThat(servers).isNotEqualTo(EmbeddedServers.class);
            assertThat(servers.getMethod("postgres", String.class).invoke(null, "test"))
                    .isEqualTo(postgres);
            assertThat(servers.getMethod("redis", String.class).invoke(null, "test"))
                    .isEqualTo(redis);
        }
    }

    @Test
    void a_jvm_that_is_killed_leaves_neither_process_nor_directory() throws IOException {
        Process jvm = startServersInAJvm();
        List<ProcessHandle> servers;
        List<Path> directories = new ArrayList<>();
        try (BufferedReader printed = jvm.inputReader()) {
            assertThat(printed.readLine()).startsWith("postgresql://");
            assertThat(printed.readLine()).startsWith("redis://");
            servers = jvm.descendants().toList();
            servers.forEach(process ->
                    process.info()
                            .commandLine()
                            .ifPresent(line -> directories.addAll(directories(line))));

            var _ = jvm.destroyForcibly();
        }

        assertThat(servers).hasSizeGreaterThan(3);
        assertThat(directories).hasSizeGreaterThanOrEqualTo(2);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> {
                    assertThat(directories).noneMatch(Files::exists);
                    assertThat(servers).noneMatch(ProcessHandle::isAlive);
                });
    }

    private static Process startServersInAJvm() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        CLASS_PATH,
                        Servers.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static List<Path> directories(String commandLine) {
        return Pattern.compile("\\S*/wal-monitor-(postgres|redis)-[0-9]+(?=[/ ]|$)")
                .matcher(commandLine)
                .results()
                .map(found -> Path.of(found.group()))
                .distinct()
                .toList();
    }

    private static URL[] urls() {
        return Arrays.stream(CLASS_PATH.split(File.pathSeparator))
                .map(entry -> {
                    try {
                        return Path.of(entry).toUri().toURL();
                    } catch (MalformedURLException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toArray(URL[]::new);
    }

    /** What the other JVM runs: both servers, until it is killed. */
    static final class Servers {
        private Servers() {}

        @SuppressWarnings("SystemOut") // this is how it tells its parent
        public static void main(String[] args) throws InterruptedException {
            System.out.println(EmbeddedServers.postgres("test"));
            System.out.println(EmbeddedServers.redis("test"));
            Thread.sleep(Duration.ofMinutes(5));
        }
    }
}
