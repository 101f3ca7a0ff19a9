package dev.walmonitor.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.checker.PlantedBugs.Planted;
import dev.walmonitor.embedded.PostgresServer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The checker is worth something only if it finds a service that is wrong, within 200 seeds. Those
 * that are known to find it come first; {@code -Dmodel.search=true} searches from seed 1.
 */
class CheckerPlantedBugsTest {
    private static final int SEEDS = 200;
    private static final int IN_EACH_RUN = 2;
    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = CheckerTest.server();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void quiet() {
        CheckerTest.silence(true);
    }

    @AfterEach
    void loud() {
        CheckerTest.silence(false);
    }

    /** All of them take minutes: the default run plants the first, the others on demand. */
    static List<Planted> bugs() {
        List<Planted> all = PlantedBugs.all();
        return Boolean.getBoolean("model.planted") || Boolean.getBoolean("model.search")
                ? all
                : all.subList(0, IN_EACH_RUN);
    }

    @ParameterizedTest
    @MethodSource("bugs")
    @SuppressWarnings("unchecked")
    void isFound(Planted planted, @TempDir Path directory) {
        BiFunction<PostgresServer, Long, String> checker =
                (BiFunction<PostgresServer, Long, String>)
                        planted.bug()
                                .plant(
                                        directory,
                                        PlantedBugs.OWN,
                                        "dev.walmonitor.checker.Checker");
        LongStream known =
                Boolean.getBoolean("model.search")
                        ? LongStream.empty()
                        : planted.seeds().stream().mapToLong(Long::longValue);
        List<Long> seeds =
                LongStream.concat(known, LongStream.rangeClosed(1, SEEDS)).boxed().toList();
        String found = "";
        int tried = 0;
        while (found.isEmpty() && tried < SEEDS) {
            found = checker.apply(server, seeds.get(tried++));
        }
        System.out.printf(
                "%s: with seed %d, the %d. that was tried: %s%n",
                planted, seeds.get(tried - 1), tried, found);
        assertThat(found).as("what %d seeds have found", SEEDS).isNotEmpty();
    }
}
