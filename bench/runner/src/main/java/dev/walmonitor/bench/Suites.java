package dev.walmonitor.bench;

import dev.walmonitor.bench.Workload.Backlog;
import dev.walmonitor.embedded.MeasuredPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** Measures consumers in turn, so that whatever the machine does hits all of them alike. */
final class Suites {
    /** Cores that others used in a run that is better repeated. */
    private static final double NOISE = 0.25;

    private static final int REPETITIONS = 2;

    private final Path home;
    private final Options options;
    private final Results results;
    private final Path logs;
    private final List<Consumer> consumers;
    private final Quiet quiet;
    private boolean good = true;

    Suites(Path home, Options options) throws IOException {
        this.home = home;
        this.options = options;
        this.results = new Results(options.results());
        this.logs = Files.createDirectories(home.resolve("target/logs"));
        this.consumers = Consumer.read(home.resolve("consumers.conf"));
        this.quiet = new Quiet(options.patience());
    }

    boolean all() throws Exception {
        return withServer(server -> {
            drain(server);
            latency(server);
            redis(server);
            idle(server);
            growth(server);
            burst(server);
            parked(server);
        });
    }

    boolean idle() throws Exception {
        return withServer(this::idle);
    }

    boolean growth() throws Exception {
        return withServer(this::growth);
    }

    boolean drain() throws Exception {
        return withServer(this::drain);
    }

    /** Commit to handler, then commit to Redis. */
    boolean latency() throws Exception {
        return withServer(server -> {
            latency(server);
            redis(server);
        });
    }

    boolean redis() throws Exception {
        return withServer(server -> {
            Load.prepare(server);
            redis(server);
        });
    }

    boolean burst() throws Exception {
        return withServer(this::burst);
    }

    boolean parked() throws Exception {
        return withServer(this::parked);
    }

    /** Writes the report of what was measured before. */
    boolean report() throws Exception {
        return withServer(server -> {});
    }

    /** What is done with a server. */
    @FunctionalInterface
    private interface Work {
        void on(MeasuredPostgres server) throws Exception;
    }

    private boolean withServer(Work work) throws Exception {
        try (MeasuredPostgres server = MeasuredPostgres.started()) {
            work.on(server);
            String version = server.column("show server_version").getFirst();
            String report = new Report(results, consumers).write(Machine.describe(), version);
            Files.writeString(options.results().resolve("report.md"), report);
            say("%n%s", report);
        }
        return good;
    }

    private void drain(MeasuredPostgres server) throws Exception {
        results.begin(Drain.SUITE);
        List<Backlog> backlogs = new ArrayList<>();
        for (Workload workload : options.workloads()) {
            Backlog backlog = workload.write(server, options.scale());
            say("%s: %,d %s%n", workload, backlog.rows(), workload.what());
            backlogs.add(backlog);
        }
        Commands commands = new Commands(home, server, List.of());
        Drain drain = new Drain(server, commands, quiet, logs);
        List<Consumer> drained = present(commands, Consumer::drains);
        new Training(home, logs).run(drained);
        for (int rep = 1; rep <= options.reps(); rep++) {
            for (Backlog backlog : backlogs) {
                for (Consumer consumer : inTurn(drained, rep)) {
                    drain(drain, consumer, backlog, rep);
                }
            }
        }
    }

    private void drain(Drain drain, Consumer consumer, Backlog backlog, int rep) throws Exception {
        String what = backlog.workload() + " " + consumer.id();
        attempt(
                what,
                () -> {
                    Drain.Run run = drain.run(consumer, backlog);
                    for (int i = 0;
                            i < REPETITIONS && run.others() > NOISE && !quiet.patience().isZero();
                            i++) {
                        say("%-8s #%d %s, again%n", what, rep, run);
                        run = drain.run(consumer, backlog);
                    }
                    say("%-8s #%d %s%n", what, rep, run);
                    results.add(
                            Drain.SUITE, run.values(backlog.workload().name(), consumer.id(), rep));
                    return null;
                });
    }

    private void latency(MeasuredPostgres server) throws Exception {
        results.begin(Latencies.SUITE);
        Load.prepare(server);
        Commands commands = new Commands(home, server, List.of());
        Latency latency = new Latency(server, commands, quiet, logs, options.times());
        List<Consumer> timed = present(commands, Consumer::isTimed);
        new Training(home, logs).run(timed);
        for (int rep = 1; rep <= options.reps(); rep++) {
            for (int rate : options.rates()) {
                for (Consumer consumer : inTurn(timed, rep)) {
                    late(
                            Latencies.SUITE,
                            rate,
                            consumer.id(),
                            rep,
                            () -> latency.run(consumer, rate));
                }
            }
        }
    }

    private void redis(MeasuredPostgres server) throws Exception {
        results.begin(RedisLatency.ID);
        if (!isHere(jar())) {
            return;
        }
        RedisLatency redis = new RedisLatency(server, quiet, jar(), logs, options.times());
        for (int rep = 1; rep <= options.reps(); rep++) {
            int rate = options.rates().getFirst();
            late(RedisLatency.ID, rate, RedisLatency.ID, rep, () -> redis.run(rate));
        }
    }

    private void idle(MeasuredPostgres server) throws Exception {
        results.begin(Idle.ID);
        Duration warm = options.scaled(Duration.ofSeconds(120));
        Duration measured = options.scaled(Duration.ofSeconds(60));
        Idle idle = new Idle(server, quiet, jar(), logs, warm, measured);
        for (int rep = 1; rep <= options.reps() && isHere(idle.jar()); rep++) {
            run(Idle.ID, rep, idle::run, Idle.Run::values);
        }
    }

    private void growth(MeasuredPostgres server) throws Exception {
        results.begin(Growth.ID);
        results.begin(SourceMemory.ID);
        Growth.Size size = Growth.Size.of(options.scale());
        Commands commands = new Commands(home, server, List.of());
        Growth growth = new Growth(server, commands, quiet, logs, size);
        if (growth.isHere()) {
            growth.write();
        }
        Duration warm = options.scaled(Duration.ofSeconds(15));
        SourceMemory memory = new SourceMemory(server, quiet, jar(), logs, warm);
        for (int rep = 1; rep <= options.reps(); rep++) {
            for (int tables : List.of(1, size.tables())) {
                for (int rules : List.of(1, size.rules())) {
                    if (growth.isHere()) {
                        run(Growth.ID, rep, () -> growth.run(tables, rules), Growth.Run::values);
                    }
                }
            }
            for (int sources : List.of(1, 10)) {
                if (isHere(memory.jar())) {
                    run(SourceMemory.ID, rep, () -> memory.run(sources), SourceMemory.Run::values);
                }
            }
        }
    }

    private <R> void run(
            String suite,
            int rep,
            Callable<R> run,
            BiFunction<R, Integer, Map<String, Object>> values)
            throws Exception {
        attempt(
                suite,
                () -> {
                    R result = run.call();
                    say("%s #%d %s%n", suite, rep, result);
                    results.add(suite, values.apply(result, rep));
                    return null;
                });
    }

    private void burst(MeasuredPostgres server) throws Exception {
        results.begin(Burst.SUITE);
        Packaged packaged = new Packaged(server, quiet, jar(), logs);
        Burst burst = Burst.of(packaged, options.scale());
        for (int rep = 1; rep <= options.reps() && isHere(packaged.jar()); rep++) {
            run(Burst.SUITE, rep, burst::run, BurstRun::values);
        }
    }

    private void parked(MeasuredPostgres server) throws Exception {
        results.begin(Parked.SUITE);
        Packaged packaged = new Packaged(server, quiet, jar(), logs);
        Parked parked = Parked.of(packaged, options.scale());
        for (int rep = 1; rep <= options.reps() && isHere(packaged.jar()); rep++) {
            run(Parked.SUITE, rep, parked::run, ParkedRun::values);
        }
    }

    private Path jar() {
        return home.resolve("../target/quarkus-app/quarkus-run.jar").normalize();
    }

    private static boolean isHere(Path jar) {
        boolean here = Files.exists(jar);
        if (!here) {
            say("Left out: the packaged service, which is not built%n");
        }
        return here;
    }

    private void late(String suite, int rate, String consumer, int rep, Callable<Latencies> run)
            throws Exception {
        attempt(
                rate + " " + consumer,
                () -> {
                    Latencies latencies = run.call();
                    say("%d/s %-5s #%d %s%n", rate, consumer, rep, latencies);
                    results.add(suite, latencies.values(rate, consumer, rep));
                    return null;
                });
    }

    private void attempt(String what, Callable<?> run) throws Exception {
        try {
            run.call();
        } catch (ConsumerFailed e) {
            good = false;
            say("%s failed: %s%n", what, e.getMessage());
        }
    }

    private List<Consumer> present(Commands commands, Predicate<Consumer> suite) {
        List<Consumer> present = new ArrayList<>();
        for (Consumer consumer : consumers) {
            if (suite.test(consumer) && options.wants(consumer.id())) {
                if (commands.isHere(consumer)) {
                    present.add(consumer);
                } else {
                    say("Left out: %s, which is not here%n", consumer.label());
                }
            }
        }
        return present;
    }

    /** In another order each time. */
    private static List<Consumer> inTurn(List<Consumer> consumers, int rep) {
        List<Consumer> turned = new ArrayList<>(consumers);
        Collections.rotate(turned, rep - 1);
        return turned;
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, format, values);
        System.out.flush();
    }
}
