package dev.walmonitor.pipeline;

import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongFunction;

/**
 * One history, told to several rules through a pipeline of random size in a process that dies, or
 * is left in order, a few times and then lives until all is quiet. Everything random comes from the
 * seed, and time is made up, so that a seed always gives the same run.
 *
 * <p>The answer is what went wrong; empty if nothing did. A class without arguments that speaks
 * only in types of the JDK, so that a test can run it with another pipeline.
 */
public final class PipelineModel implements LongFunction<String> {
    private static final Rule.Retry RETRY =
            new Rule.Retry(Duration.ofMillis(5), Duration.ofMillis(300));
    private static final Duration LONGEST_LIFE = Duration.ofMinutes(10);

    @Override
    public String apply(long seed) {
        Random random = new Random(new SplittableRandom(seed).nextLong()); // neighbours unalike
        Random replays = new Random(seed);
        History history = new History(random);
        List<Rule> rules = rules(random);
        Ledger ledger = new Ledger(history, rules);
        UnreliableParking parking = new UnreliableParking(ledger, random);
        int deaths = random.nextInt(4);
        for (int i = 0; i <= deaths && ledger.violation() == null; i++) {
            try {
                new Life(history, rules, ledger, parking, random, replays).live(i == deaths);
            } catch (RuntimeException e) {
                ledger.violation("thrown on the loop: " + e);
            }
        }
        String violation = ledger.violation();
        return violation == null ? "" : violation;
    }

    private static List<Rule> rules(Random random) {
        List<String> tables = List.of("s?.t?", "s0.*", "s1.t2", "s0.t0");
        List<Rule> rules = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(4); i++) {
            Set<Operation> operations = EnumSet.allOf(Operation.class);
            if (random.nextInt(3) == 0) {
                operations.removeIf(operation -> random.nextBoolean());
            }
            TablePattern pattern =
                    TablePattern.parse(tables.get(i == 0 ? 0 : random.nextInt(tables.size())));
            rules.add(
                    new Rule(
                            "rule" + i,
                            random.nextInt(5) == 0 ? "in any order" : "in order",
                            "main",
                            new Filter(List.of(pattern), operations),
                            RETRY));
        }
        return rules;
    }

    /** One process, from its start to its end. */
    private static final class Life implements Pipeline.Observer {
        private final Ledger ledger;
        private final Random random;
        private final ManualLoop loop = new ManualLoop();
        private final List<UnreliableHandler> handlers = new ArrayList<>();
        private final UnreliableStore store;
        private final UnreliableParking parking;
        private final List<RuleRunner> runners = new ArrayList<>();
        private final HistorySource source;
        private final Pipeline pipeline;
        private final Random replays;
        private boolean calm;
        private boolean closed;

        private Life(
                History history,
                List<Rule> rules,
                Ledger ledger,
                UnreliableParking parking,
                Random random,
                Random replays) {
            this.ledger = ledger;
            this.parking = parking;
            parking.live(loop);
            ledger.begun(parking);
            this.random = random;
            this.replays = replays;
            this.store = new UnreliableStore(ledger, loop, random);
            this.source = new HistorySource(history, ledger, loop, random, ledger.stored());
            MeterRegistry registry =
                    new CompositeMeterRegistry(); // counts nothing, and costs nothing
            Router router = new Router("main", registry);
            ParkingLot lot = new ParkingLot("main", parking, loop);
            this.pipeline =
                    new Pipeline(
                            source,
                            router,
                            new Confirmer(source, store, loop, Confirmer.Pace.DEFAULT),
                            new LogBook("main", store, loop, router, this),
                            new Liveness(Duration.ofSeconds(15), Duration.ofSeconds(60)),
                            loop,
                            new Pipeline.Bounds(
                                    1 + random.nextInt(random.nextBoolean() ? 5 : 100),
                                    random.nextBoolean() ? 1_000 : 1_000_000),
                            this,
                            lot);
            int lanes = List.of(1, 3, 8, 64).get(random.nextInt(4));
            for (Rule rule : rules) {
                UnreliableHandler handler = new UnreliableHandler(rule, ledger, loop, random);
                handlers.add(handler);
                runners.add(
                        new RuleRunner(
                                rule,
                                handler,
                                lanes,
                                loop,
                                loop.clock(),
                                random,
                                new RuleMeters(registry, "main", rule.name()),
                                pipeline,
                                lot));
            }
            router.addAll(runners);
        }

        private void live(boolean last) {
            pipeline.start();
            loop.schedule(Duration.ofSeconds(random.nextInt(20)), source::breakIdle);
            for (RuleRunner runner : runners) {
                if (random.nextInt(4) == 0) {
                    loop.schedule(sometime(), () -> pause(runner));
                    loop.schedule(sometime(), runner::resume);
                }
            }
            for (RuleRunner runner : runners) {
                if (replays.nextInt(2) == 0) {
                    loop.schedule(Duration.ofMillis(replays.nextInt(15_000)), () -> replay(runner));
                }
            }
            run(Duration.ofMillis(random.nextInt(20_000)));
            if (last) {
                calm();
            } else if (random.nextBoolean()) {
                drain();
            }
            store.die();
            ledger.died();
        }

        private void pause(RuleRunner runner) {
            if (!calm) {
                runner.pause("for a while");
            }
        }

        /** Some changes in a row of what the rule has done. */
        private void replay(RuleRunner runner) {
            List<History.Happening> done = ledger.done(runner.rule());
            if (done.isEmpty() || closed) {
                return;
            }
            int from = replays.nextInt(done.size());
            int to = Math.min(done.size(), from + 1 + replays.nextInt(6));
            List<RowChange> changes = new ArrayList<>();
            for (History.Happening one : done.subList(from, to)) {
                RowChange told = one.tell(source.relation(one));
                changes.add(told.in(told.transaction().as(Delivery.REPLAY)));
                ledger.replayed(runner.rule(), one, changes.getLast());
            }
            pipeline.replay(runner, changes).subscribe().with(ok -> {}, failure -> {});
        }

        private Duration sometime() {
            return Duration.ofMillis(random.nextInt(15_000));
        }

        private void run(Duration time) {
            long until = loop.nanoTime() + time.toNanos();
            while (ledger.violation() == null && loop.isBusy() && loop.nanoTime() < until) {
                loop.step();
            }
        }

        /** Nothing fails any more: in the end everything has to be done and confirmed. */
        private void calm() {
            calm = true;
            handlers.forEach(UnreliableHandler::calm);
            parking.calm();
            runners.forEach(RuleRunner::resume);
            store.calm();
            source.calm();
            run(LONGEST_LIFE);
            ledger.checkEnd();
            ledger.check(pipeline.status().inFlight() == 0, "tasks are left over");
            ledger.check(pipeline.bytes() == 0, "bytes are left over");
            ledger.check(!loop.isBusy(), "there is something to do though all is done");
        }

        private void drain() {
            Duration atMost =
                    Duration.ofMillis(1 + random.nextInt(random.nextBoolean() ? 100 : 8_000));
            long begun = loop.nanoTime();
            boolean[] drained = new boolean[1];
            closed = true;
            pipeline.drain(atMost)
                    .subscribe()
                    .with(ok -> {
                        drained[0] = true;
                        ledger.closed();
                        ledger.check(
                                loop.nanoTime() - begun <= atMost.toNanos(),
                                "the drain took longer than its time");
                    });
            run(Duration.ofMinutes(1));
            ledger.check(drained[0], "the drain did not end");
        }

        @Override
        public void handled(
                Rule rule, RowChange change, HandlerResult result, long sinceCommitNanos) {
            if (random.nextInt(20) == 0) {
                throw new IllegalStateException("of the observer");
            }
        }

        @Override
        public void missed(Gap gap) {
            ledger.violation("a gap that is none: " + gap);
        }

        @Override
        public void proved(Duration took) {
            ledger.violation("a canary that nobody wrote");
        }

        @Override
        public void failed(Throwable failure) {
            ledger.violation("the pipeline failed: " + failure);
        }
    }
}
