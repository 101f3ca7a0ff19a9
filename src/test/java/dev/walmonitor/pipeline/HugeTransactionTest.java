package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.replication.StreamOptions;
import io.smallrye.mutiny.Uni;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One transaction that is larger than the heap, in a JVM of its own. The whole one: {@code
 * -Dhuge.rows=5000000 -Dhuge.heap=256m}.
 */
class HugeTransactionTest {
    private static final int ROWS = Integer.getInteger("huge.rows", 300_000);
    private static final String HEAP = System.getProperty("huge.heap", "48m");
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    @ParameterizedTest(name = "streaming {0}")
    @ValueSource(booleans = {false, true})
    void f50_passesThroughASmallHeap(boolean streaming) throws Exception {
        String url = SharedServers.freshDatabase();
        SharedServers.execute(url, "create table t (id int primary key, v text)");
        String database = DatabaseUrl.parse(url).database();
        String slot = "huge_" + database;
        try (Connection admin = SharedServers.postgres().open(database);
                Statement statement = admin.createStatement()) {
            statement.execute(
                    "alter database " + database + " set logical_decoding_work_mem = '4MB'");
        }
        Process follower = follow(url, slot, streaming);
        try (BufferedReader told = follower.inputReader()) {
            assertThat(told.readLine()).isEqualTo("streaming");
            SharedServers.execute(
                    url,
                    "insert into t select i, repeat('x', 150) || i from generate_series(1, "
                            + ROWS
                            + ") i");
            String result = told.readLine();

            assertThat(result).startsWith(ROWS + " rows, ");
            System.getLogger(HugeTransactionTest.class.getName())
                    .log(
                            System.Logger.Level.INFO,
                            "streaming {0}, heap {1}: {2}",
                            streaming,
                            HEAP,
                            result);
        } finally {
            follower.destroy();
            var _ = follower.onExit().join();
        }
        drop(database, slot);
    }

    private static void drop(String database, String slot) {
        await().atMost(Duration.ofSeconds(15))
                .ignoreExceptions()
                .until(() ->
                        SharedServers.postgres()
                                        .query(
                                                database,
                                                "select pg_drop_replication_slot('" + slot + "')")
                                != null);
    }

    private static Process follow(String url, String slot, boolean streaming) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + HEAP,
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        CLASS_PATH,
                        Follower.class.getName(),
                        url,
                        slot,
                        String.valueOf(streaming),
                        String.valueOf(ROWS))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** What the other JVM runs: follows the log until it has handled so many changes. */
    static final class Follower {
        private Follower() {}

        @SuppressWarnings("SystemOut") // this is how it tells its parent
        public static void main(String[] args) throws InterruptedException {
            long wanted = Long.parseLong(args[3]);
            AtomicLong handled = new AtomicLong();
            ChangeHandler handler =
                    change -> {
                        handled.incrementAndGet();
                        return Uni.createFrom().item(HandlerResult.NONE);
                    };
            StreamOptions stream =
                    StreamOptions.DEFAULT
                            .withStreaming(Boolean.parseBoolean(args[2]))
                            .withSpill(StreamOptions.DEFAULT.spillDirectory(), 8L << 30);
            try (RealLine line = new RealLine(args[0], args[1], stream, handler)) {
                while (line.source.status().state() != SourceState.STREAMING) {
                    Thread.sleep(10);
                }
                System.out.println("streaming");
                long begun = System.nanoTime();
                long peak = 0;
                while (handled.get() < wanted || line.status().inFlight() > 0) {
                    peak = Math.max(peak, live());
                    Thread.sleep(20);
                }
                System.out.printf(
                        "%d rows, %.1f s, at most %d MB after a collection, %d connections lost%n",
                        handled.get(),
                        (System.nanoTime() - begun) / 1e9,
                        peak >> 20,
                        line.source.status().reconnects());
            }
        }

        /** What was left on the heap after the last collections. */
        private static long live() {
            long bytes = 0;
            for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
                MemoryUsage usage = pool.getCollectionUsage();
                if (pool.getType() == MemoryType.HEAP && usage != null) {
                    bytes += usage.getUsed();
                }
            }
            return bytes;
        }
    }
}
