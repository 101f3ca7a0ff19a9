package dev.walmonitor.process;

import static org.awaitility.Awaitility.await;

import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;

/**
 * The packaged service, run as users run it: environment, a file of rules, and a log on the
 * console.
 */
final class ServiceProcess implements AutoCloseable {
    static final Path APPLICATION = Path.of("target", "quarkus-app").toAbsolutePath();

    private static final Path JAR = APPLICATION.resolve("quarkus-run.jar");

    /** Of the operator, unless the environment that is given says otherwise. */
    private static final String PASSWORD = "of-the-operator";

    /** The header Authorization of who knows it. */
    static final String LOGIN =
            "Basic "
                    + Base64.getEncoder()
                            .encodeToString(
                                    ("operator:" + PASSWORD).getBytes(StandardCharsets.UTF_8));

    private static final Pattern DOORS =
            Pattern.compile(
                    "Listening on: http://[^:]+:(\\d+)\\. Management interface listening on http://[^:]+:(\\d+)\\.");

    private final Process process;
    private final List<String> log = new CopyOnWriteArrayList<>();

    private ServiceProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "log of the service");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts it.
     *
     * @param home an empty directory, or that of an earlier run
     * @param rules the content of {@code config/application.yaml}
     */
    static ServiceProcess start(Path home, Map<String, String> environment, String rules) {
        return start(
                List.of(
                        "-Xmx" + System.getProperty("process.heap", "256m"),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC"),
                home,
                environment,
                rules);
    }

    /**
     * Starts it on a JVM with these options; {@code -Dprocess.java=…} is another JVM than that of
     * the tests.
     */
    static ServiceProcess start(
            List<String> options, Path home, Map<String, String> environment, String rules) {
        try {
            Files.createDirectories(home.resolve("config"));
            Files.writeString(home.resolve("config/application.yaml"), rules);
            ProcessBuilder builder =
                    new ProcessBuilder(command(options))
                            .directory(home.toFile())
                            .redirectErrorStream(true);
            Map<String, String> variables = builder.environment();
            variables.putAll(
                    new TreeMap<>(
                            Map.of(
                                    "QUARKUS_HTTP_HOST", "127.0.0.1",
                                    "QUARKUS_HTTP_PORT", "0",
                                    "QUARKUS_MANAGEMENT_HOST", "127.0.0.1",
                                    "QUARKUS_MANAGEMENT_PORT", "0",
                                    "QUARKUS_LOG_CONSOLE_JSON_ENABLED", "false",
                                    "WAL_MONITOR_OPERATOR_PASSWORD", PASSWORD)));
            variables.putAll(environment);
            return new ServiceProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A JVM with these options that does something else with the application, and ends. */
    static void once(String... options) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command(List.of(options))).redirectErrorStream(true).start();
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            String all = said.lines().collect(Collectors.joining("\n"));
            if (process.waitFor() != 0) {
                throw new AssertionError("Expected it to end well, it said\n" + all);
            }
        }
    }

    private static List<String> command(List<String> options) {
        List<String> command = new ArrayList<>();
        command.add(
                System.getProperty(
                        "process.java",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-jar",
                        JAR.toString()));
        return command;
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(log::add);
        } catch (IOException | UncheckedIOException e) {
            log.add("(the log ended: " + e.getMessage() + ")");
        }
    }

    String log() {
        return String.join("\n", log);
    }

    boolean logged(String text) {
        return log.stream().anyMatch(line -> line.contains(text));
    }

    void awaitLogged(String text) {
        await("\"" + text + "\" in the log")
                .atMost(Duration.ofSeconds(60))
                .until(() -> logged(text) || !isAlive());
        if (!logged(text)) {
            throw new AssertionError("Expected \"" + text + "\" in the log, got\n" + log());
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Waits for the process to end by itself. */
    int exitCode() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("Expected the service to end by itself, got\n" + log());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return process.exitValue();
    }

    boolean isReady() {
        return ready().statusCode() == 200;
    }

    /** The readiness answer. */
    Response ready() {
        return RestAssured.given().get("http://127.0.0.1:" + port(2) + "/q/health/ready");
    }

    /** Whether this instance has the slot, however far it is behind. */
    boolean streams() {
        return isAlive()
                && Set.of("STREAMING", "IDLE", "STALLED")
                        .contains(
                                String.valueOf(api("/replication/main/status").getString("state")));
    }

    /** Stops the process without its knowing, until {@link #thaw}. */
    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int exit =
                    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                            .start()
                            .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill -" + name + " failed with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void awaitReady() {
        awaitLogged("Listening on");
        try {
            await("readiness")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(100))
                    .ignoreExceptions()
                    .until(() -> !isAlive() || isReady());
            if (!isAlive()) {
                throw new AssertionError(
                        "Expected it to be ready; it has ended, its log is\n" + log());
            }
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("Expected it to be ready; its log is\n" + log(), e);
        }
    }

    String metrics() {
        return RestAssured.given().get("http://127.0.0.1:" + port(2) + "/q/metrics").asString();
    }

    /** The same in another form. */
    String metrics(String accept) {
        return RestAssured.given()
                .accept(accept)
                .get("http://127.0.0.1:" + port(2) + "/q/metrics")
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }

    JsonPath api(String path) {
        return get(path).jsonPath();
    }

    /** Where the service is, for commands. */
    Map<String, String> address() {
        return Map.of(
                "WAL_MONITOR_URL", "http://127.0.0.1:" + port(1),
                "WAL_MONITOR_METRICS_URL", "http://127.0.0.1:" + port(2),
                "WAL_MONITOR_OPERATOR_PASSWORD", PASSWORD);
    }

    /** An answer of the API, whatever its status. */
    Response get(String path) {
        return as(LOGIN).get(uri(path));
    }

    /** Somebody with that header Authorization. */
    static RequestSpecification as(String login) {
        return RestAssured.given().header("Authorization", login);
    }

    /** Where something of the API is. */
    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port(1) + "/api/v1" + path);
    }

    private int port(int door) {
        awaitLogged("Listening on");
        for (String line : log) {
            Matcher m = DOORS.matcher(line);
            if (m.find()) {
                return Integer.parseInt(m.group(door));
            }
        }
        throw new AssertionError("Expected the ports in the log, got\n" + log());
    }

    /** As a machine that loses its power. */
    void kill9() {
        process.destroyForcibly().onExit().join();
    }

    /** Asks it to end, and waits until it has. */
    int terminate() {
        process.destroy();
        return exitCode();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill9();
        }
    }
}
