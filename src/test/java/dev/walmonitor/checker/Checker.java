package dev.walmonitor.checker;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.embedded.FaultProxy;
import dev.walmonitor.embedded.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One trial of the whole service: applications write at random into a real server, a process
 * follows them through a bad network, is killed, left and begun again, and at the end its journal
 * is held against the truth.
 *
 * <p>Everything random comes from the seed. But threads, network and server are real: a seed gives
 * the same transactions and faults, and not always the same meeting of both.
 *
 * <p>The answer is what went wrong; empty if nothing did. A class without arguments that speaks
 * only in types of the JDK and of the embedded servers, so that a test can run it with another
 * build.
 */
public final class Checker implements BiFunction<PostgresServer, Long, String> {
    private static final Duration NO_PROGRESS = Duration.ofSeconds(15);

    @Override
    public String apply(PostgresServer server, Long seed) {
        String name = "trial_" + Long.toUnsignedString(seed, 36);
        Random random = new Random(new SplittableRandom(seed).nextLong()); // neighbours unalike
        try (Stage stage = Stage.open(server, name)) {
            String wrong = new Trial(stage, random).run();
            return wrong == null ? "" : wrong;
        } catch (SQLException e) {
            throw new IllegalStateException("Trial of seed " + seed, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /** One seed's run. */
    private static final class Trial {
        private final Stage stage;
        private final Random random;
        private final Journal journal = new Journal();
        private final Weather weather = new Weather();

        private Trial(Stage stage, Random random) {
            this.stage = stage;
            this.random = random;
        }

        private @Nullable String run() throws SQLException, InterruptedException {
            weather.slowHandlers = random.nextInt(random.nextInt(3) == 0 ? 60 : 12);
            weather.slowStore = random.nextBoolean() ? 0 : random.nextInt(150);
            boolean confirmedFirst = random.nextBoolean();
            ScheduledExecutorService elsewhere = Executors.newScheduledThreadPool(1);
            ExecutorService threads = Executors.newCachedThreadPool();
            try (FaultProxy proxy = FaultProxy.to(stage.server())) {
                Processes processes = new Processes(stage, world(proxy, elsewhere), random);
                Future<?> sampler = threads.submit(new Sampler(stage, journal));
                Faults faults =
                        new Faults(
                                stage, proxy, weather, processes, random, random.nextInt(20) == 0);
                List<Future<?>> writers = writers(threads);
                while (!writers.stream().allMatch(Future::isDone) && journal.stuck() == null) {
                    faults.next();
                }
                faults.peace();
                weather.calm();
                Lsn last = lastWords();
                String wrong = awaitAll(processes, last, confirmedFirst);
                faults.awaitStream(Duration.ofSeconds(3));
                boolean clean = processes.stop();
                boolean _ = sampler.cancel(true);
                return wrong != null ? wrong : judge(clean, last);
            } finally {
                elsewhere.shutdownNow();
                threads.shutdownNow();
            }
        }

        private Life.World world(FaultProxy proxy, ScheduledExecutorService elsewhere) {
            DurableStore store =
                    new DurableStore(journal, weather, elsewhere, new Random(random.nextLong()));
            return new Life.World(
                    proxy.through(stage.server().url(Stage.DATABASE)),
                    stage.name(),
                    journal,
                    store,
                    weather,
                    elsewhere,
                    stage.spill());
        }

        private List<Future<?>> writers(ExecutorService threads) {
            Duration time = Duration.ofMillis(300 + random.nextInt(700));
            List<Future<?>> writers = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(3); i++) {
                writers.add(
                        threads.submit(new Writer(stage, i, new Random(random.nextLong()), time)));
            }
            return writers;
        }

        /** Settles what was prepared, writes a last row, and gives a position before its commit. */
        private Lsn lastWords() throws SQLException {
            stage.settle(random.nextBoolean());
            try (Connection connection = stage.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("SET search_path = " + stage.name());
                statement.execute(
                        "INSERT INTO %s VALUES (0, 0, '%s')"
                                .formatted(
                                        Stage.names(statement, stage.name()).get("bulk"),
                                        Journal.LAST));
                Lsn last = Lsn.parse(Stage.query(statement, "SELECT pg_current_wal_insert_lsn()"));
                connection.commit();
                return last;
            }
        }

        /** Waits until everything is done, or nothing moves any more. */
        private @Nullable String awaitAll(Processes processes, Lsn last, boolean confirmed)
                throws SQLException, InterruptedException {
            try (Connection connection = stage.connect();
                    Statement statement = connection.createStatement()) {
                int size = 0;
                long moved = System.nanoTime();
                while (journal.stuck() == null) {
                    if (confirmed
                            ? stage.confirmedNow(statement).isAfter(last)
                            : journal.saidLast() && processes.current().inFlight() == 0) {
                        return null;
                    }
                    if (System.nanoTime() - moved > NO_PROGRESS.toNanos()) {
                        return "nothing moves any more; "
                                + (journal.saidLast() ? "all was told; " : "not all was told; ")
                                + processes.current().where();
                    }
                    Thread.sleep(10);
                    int now = journal.told();
                    if (now != size) {
                        size = now;
                        moved = System.nanoTime();
                    }
                }
                return null;
            }
        }

        private @Nullable String judge(boolean clean, Lsn last) throws SQLException {
            Lsn confirmed = stage.confirmedNow();
            Verdict verdict = new Verdict(stage.truth(), stage.confirmed());
            String wrong = verdict.of(journal.entries());
            if (wrong != null) {
                return wrong;
            }
            if (clean && !confirmed.isAfter(last)) {
                return "after an orderly end the server stands at %s, before the last commit behind %s"
                        .formatted(confirmed, last);
            }
            return stage.difference(verdict.image());
        }
    }
}
