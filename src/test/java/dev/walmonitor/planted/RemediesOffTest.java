package dev.walmonitor.planted;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The tests of the fault catalogue fail when the remedy is switched off. That takes some minutes,
 * so it is done when asked for, by {@code -Dremedies.off=true}; that what is to be switched off is
 * still there is looked at each time.
 */
class RemediesOffTest {
    private static final Logger LOG = Logger.getLogger(RemediesOffTest.class);
    private static final Path TESTS = Path.of("src/test/java/dev/walmonitor");
    private static final String ROWS = System.getProperty("remedies.rows", "");

    @TempDir Path classes = Path.of("");

    /** All of them, or those of {@code -Dremedies.rows=F03,F47}. */
    static List<RemedyOff> remedies() {
        List<String> wanted = List.of(ROWS.split(","));
        return RemediesOff.ALL.stream()
                .filter(remedy -> ROWS.isEmpty() || wanted.contains(remedy.row()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("remedies")
    void theRemedyAndItsTestStandWhereTheyAreLookedFor(RemedyOff remedy) throws IOException {
        remedy.bug().check();
        String[] test = remedy.test().split("#", 2);
        assertThat(Files.readString(TESTS.resolve(test[0].replace('.', '/') + ".java")))
                .contains("void " + test[1] + "(");
    }

    @Test
    @EnabledIfSystemProperty(named = "remedies.off", matches = "true")
    void withEveryRemedyEveryTestIsGreen() {
        PlantedBug none = new PlantedBug("none", List.of());
        PlantedRun run =
                PlantedRun.of(
                        none.build(classes, RemedyOff.OWN),
                        remedies().stream().map(RemedyOff::test).distinct());
        assertThat(run.failures()).isEmpty();
        assertThat(run.skipped()).isZero();
        assertThat(run.succeeded()).isPositive();
    }

    @ParameterizedTest
    @MethodSource("remedies")
    @EnabledIfSystemProperty(named = "remedies.off", matches = "true")
    void withoutItTheTestFails(RemedyOff remedy) {
        PlantedRun run =
                inOtherProcessesToo(() ->
                        PlantedRun.of(
                                remedy.bug().build(classes, RemedyOff.OWN),
                                Stream.of(remedy.test())));
        assertThat(run.failures()).as("%s, of %s", remedy, remedy.test()).isNotEmpty();
        assertThat(run.failures())
                .as("failed for what the catalogue says")
                .noneMatch(LinkageError.class::isInstance);
        LOG.infof("%s: %s", remedy, firstLine(run.failures().getFirst()));
    }

    /** A test that starts a JVM of its own has it run the planted build. */
    private PlantedRun inOtherProcessesToo(Supplier<PlantedRun> run) {
        Map<String, String> before = new HashMap<>();
        for (String name : List.of("java.class.path", "surefire.test.class.path")) {
            String path = System.getProperty(name);
            if (path != null) {
                before.put(name, path);
                System.setProperty(name, classes + File.pathSeparator + path);
            }
        }
        try {
            return run.get();
        } finally {
            before.forEach(System::setProperty);
        }
    }

    private static String firstLine(Throwable failure) {
        return String.valueOf(failure.getMessage()).strip().lines().limit(3).toList().toString();
    }
}
