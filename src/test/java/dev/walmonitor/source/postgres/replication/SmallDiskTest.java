package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourcesConfig.SlotLost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Twice as much log as the server's disk has room for. The disk is a small one in memory, which
 * only root may make; elsewhere these tests are skipped.
 */
class SmallDiskTest {
    private static final int ROUNDS = 50;

    /** About 8 MB of log in a table that nobody follows and that does not grow. */
    private static final String NOISE =
            "TRUNCATE noise; INSERT INTO noise SELECT repeat(md5(i::text), 30) FROM generate_series(1, 8000) i";

    private final PostgresServer server =
            PostgresServer.builder()
                    .setting("max_wal_size", "48MB")
                    .setting("min_wal_size", "32MB")
                    .setting("fsync", "off")
                    .start();
    private @Nullable Path disk;

    @BeforeEach
    void moveToASmallDisk() throws IOException {
        server.execute("CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t OWNER TO app");
        server.execute("CREATE TABLE noise (v text)");
        server.stopFast();
        Path data = server.directoryOnDisk().resolve("data");
        Path original = Files.move(data, data.resolveSibling("original"));
        Files.createDirectory(data);
        boolean mounted =
                succeeds(
                        "mount",
                        "-t",
                        "tmpfs",
                        "-o",
                        "size=220m,mode=0700",
                        "tmpfs",
                        data.toString());
        disk = mounted ? data : null;
        assumeTrue(mounted, "a small disk needs root");
        assertThat(succeeds("cp", "-a", original + "/.", data.toString())).isTrue();
        server.restart();
    }

    @AfterEach
    void close() {
        if (disk != null) {
            server.stopImmediately();
            assertThat(succeeds("umount", "-l", disk.toString())).isTrue();
        }
        server.close();
    }

    private static boolean succeeds(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private long number(String sql) {
        return Long.parseLong(String.valueOf(server.query("app", sql)));
    }

    private void noise() {
        for (int i = 0; i < ROUNDS; i++) {
            server.execute(NOISE);
            if (i % 5 == 4) {
                server.execute("CHECKPOINT");
            }
        }
        assertThat(number("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::int8"))
                .isGreaterThan(400L << 20);
    }

    @Test
    void f38_aSlotWhoseTablesAreIdleFollowsTheLogOfTheOthers() {
        try (Follower follower = Follower.of(server.url(), Follower.options("idle"), null)) {
            follower.awaitState(SourceState.STREAMING);
            noise();
            await().atMost(Duration.ofSeconds(20))
                    .until(() ->
                            number(
                                            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::int8 FROM pg_replication_slots")
                                    < 1 << 20);
            assertThat(number("SELECT sum(size)::int8 FROM pg_ls_waldir()")).isLessThan(150L << 20);
            assertThat(follower.changes()).isEmpty();
            server.execute("INSERT INTO t VALUES (1)");
            follower.awaitChanges(1);
        }
    }

    @Test
    void f39_aConsumerThatIsStuckDoesNotFillTheDiskOfAServerThatLimitsItsSlots() {
        server.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '64MB'");
        server.execute("SELECT pg_reload_conf()");
        SlotOptions options =
                Follower.options("stuck")
                        .with(new SlotOptions.Policy(SlotLost.REBUILD, true, true));
        try (Follower follower = Follower.of(server.url(), options, null)) {
            follower.confirms = false;
            follower.awaitState(SourceState.STREAMING);
            server.execute(NOISE);
            var gauges = follower.source.gauges().await().atMost(Duration.ofSeconds(10));
            assertThat(gauges.retainedBytes()).isGreaterThan(6L << 20);
            assertThat(gauges.safeBytes()).isNotNull().isLessThan(120L << 20);
            noise();

            follower.confirms = true;
            await().atMost(Duration.ofSeconds(30))
                    .until(() ->
                            follower.beginnings().size() > 1
                                    && follower.state() == SourceState.STREAMING);
            assertThat(follower.beginnings().getLast().gap()).isNotNull();
        }
    }
}
