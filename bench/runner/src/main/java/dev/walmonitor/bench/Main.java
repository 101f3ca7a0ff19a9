package dev.walmonitor.bench;

import dev.walmonitor.embedded.EmbeddedServerException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The command line: {@code all | drain | latency | redis | idle | growth | burst | parked | report
 * | smoke | profile}, options.
 */
public final class Main {

    private Main() {}

    /** The system property {@code bench.home} is the directory {@code bench}. */
    public static void main(String[] words) throws Exception {
        Path home = Path.of(System.getProperty("bench.home")).toAbsolutePath();
        String suite = words.length == 0 ? "all" : words[0];
        String[] rest = words.length == 0 ? words : Arrays.copyOfRange(words, 1, words.length);
        boolean good;
        try {
            good =
                    switch (suite) {
                        case "all" -> new Suites(home, Options.parse(rest, home)).all();
                        case "drain" -> new Suites(home, Options.parse(rest, home)).drain();
                        case "latency" -> new Suites(home, Options.parse(rest, home)).latency();
                        case "redis" -> new Suites(home, Options.parse(rest, home)).redis();
                        case "idle" -> new Suites(home, Options.parse(rest, home)).idle();
                        case "growth" -> new Suites(home, Options.parse(rest, home)).growth();
                        case "burst" -> new Suites(home, Options.parse(rest, home)).burst();
                        case "parked" -> new Suites(home, Options.parse(rest, home)).parked();
                        case "report" -> new Suites(home, Options.parse(rest, home)).report();
                        case "smoke" -> new Suites(home, Options.smoke(rest, home)).all();
                        case "profile" -> new Profile(home).run(rest);
                        default ->
                                throw new IllegalArgumentException(
                                        "Expected a suite, got " + suite);
                    };
        } catch (IllegalArgumentException | EmbeddedServerException e) {
            System.err.println(e.getMessage());
            good = false;
        }
        System.exit(good ? 0 : 1);
    }
}
