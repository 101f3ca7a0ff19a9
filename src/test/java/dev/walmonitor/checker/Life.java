package dev.walmonitor.checker;

import dev.walmonitor.change.Operation;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.pipeline.LiveLine;
import dev.walmonitor.pipeline.RunningPipelines.BoundRule;
import dev.walmonitor.pipeline.VertxLoop;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import dev.walmonitor.source.postgres.replication.PostgresSource;
import dev.walmonitor.source.postgres.replication.SlotOptions;
import dev.walmonitor.source.postgres.replication.StreamOptions;
import dev.walmonitor.source.postgres.wire.Credentials;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;

/**
 * One process, from its start to its end: a source and a pipeline on an event loop of their own.
 * Killed, it is gone without a word: its sockets are closed and its timers never come.
 */
final class Life {
    /** After which silence the connection is given up: short, as a trial is. */
    static final Duration SILENCE = Duration.ofSeconds(1);

    private static final Rule.Retry RETRY =
            new Rule.Retry(Duration.ofMillis(5), Duration.ofMillis(80));

    /** What a process shares with those before it and after it. */
    record World(
            String url,
            String schema,
            Journal journal,
            DurableStore store,
            Weather weather,
            ScheduledExecutorService elsewhere,
            Path spill) {

        /** What each rule wants, by its name; the first one wants all. */
        static Set<Operation> wanted(String rule) {
            return rule.equals("all")
                    ? Set.of(Operation.values())
                    : Set.of(Operation.UPDATE, Operation.DELETE);
        }
    }

    private final World world;
    private final int number;
    private final Vertx vertx;
    private final PostgresSource source;
    private final LiveLine line;

    Life(World world, int number, Random random) {
        this.world = world;
        this.number = number;
        this.vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setEventLoopPoolSize(1)
                                .setWorkerPoolSize(1)
                                .setInternalBlockingPoolSize(1));
        ContextInternal context = ((VertxInternal) vertx).createEventLoopContext();
        MeterRegistry registry = new CompositeMeterRegistry(); // counts nothing
        SlotOptions slot =
                new SlotOptions(
                                world.schema(),
                                world.schema(),
                                true,
                                SILENCE,
                                Duration.ofMillis(200))
                        .withStream(form(random));
        this.source = new PostgresSource("main", wire(world.url()), slot, vertx, context, registry);
        this.line =
                new LiveLine(
                        source,
                        world.store().of(number),
                        new VertxLoop(context.nettyEventLoop()),
                        1 + random.nextInt(12),
                        random.nextBoolean() ? 1 + random.nextInt(20) : 2_000,
                        Duration.ofMillis(5 + random.nextInt(60)),
                        rules(random),
                        registry,
                        failure -> stuck(String.valueOf(failure)));
    }

    /** Any form will do, and each process may ask for another one. */
    private StreamOptions form(Random random) {
        return StreamOptions.DEFAULT
                .withStreaming(random.nextInt(3) == 0)
                .withBinary(random.nextInt(4) == 0)
                .withSpill(world.spill(), random.nextInt(4) == 0 ? 300_000 : 1L << 30);
    }

    private static WireOptions wire(String url) {
        DatabaseUrl parsed = DatabaseUrl.parse(url);
        String password = Objects.requireNonNull(parsed.password()).value();
        return WireOptions.of(
                parsed.host(),
                parsed.port(),
                parsed.database(),
                () ->
                        Future.succeededFuture(
                                Credentials.of(parsed.user(), password.toCharArray())));
    }

    private List<BoundRule> rules(Random random) {
        TablePattern tables = TablePattern.parse(world.schema() + ".*");
        List<BoundRule> rules = new ArrayList<>();
        for (String name : Verdict.RULES) {
            Filter filter = new Filter(List.of(tables), World.wanted(name));
            ChangeHandler handler =
                    new MoodyHandler(
                            number,
                            name,
                            world.journal(),
                            world.weather(),
                            world.elsewhere(),
                            new Random(random.nextLong()));
            rules.add(new BoundRule(new Rule(name, "check", "main", filter, RETRY), handler));
        }
        return rules;
    }

    void start() {
        world.journal().started(number);
        var _ = source.statusChanges().subscribe().with(this::watch);
        line.start();
    }

    private void watch(SourceStatus status) {
        SourceFailure failure = status.failure();
        if (failure != null && failure.retry() != SourceFailure.Retry.SOON) {
            stuck(status.state() + ": " + failure.message());
        }
    }

    private void stuck(String sentence) {
        var _ = world.journal().add(number, new Journal.Entry.Stuck(sentence));
    }

    boolean isStreaming() {
        return source.status().state() == SourceState.STREAMING;
    }

    int inFlight() {
        return line.status().inFlight();
    }

    /** Where it stands, for people. */
    String where() {
        return line.status().toString();
    }

    void kill() {
        world.store().die(number);
        world.journal().ended(false, breaks());
        close();
    }

    /**
     * Leaves in order.
     *
     * @param held whether the server knows of the stream
     * @return whether all that had been taken in was done and told
     */
    boolean stop(Duration atMost, boolean held) {
        boolean streaming = held && isStreaming();
        long breaks = breaks();
        line.drain(atMost).await().atMost(atMost.plusSeconds(5));
        boolean done = inFlight() == 0 && line.status().oldest().isZero(); // nor a commit unread
        boolean clean = streaming && done && breaks == breaks();
        world.journal().ended(clean, breaks());
        close();
        return clean;
    }

    private long breaks() {
        return source.status().reconnects();
    }

    private void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
