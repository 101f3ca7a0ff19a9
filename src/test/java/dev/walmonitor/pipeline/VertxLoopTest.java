package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.source.Checkpoint;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VertxLoopTest {
    private final Vertx vertx = Vertx.vertx();
    private final VertxLoop loop =
            new VertxLoop(((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop());

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    @Test
    void runsTasksOnItsThreadAtOnceIfTheCallerIsOnItAndSoonIfNot() throws Exception {
        assertThat(loop.isHere()).isFalse();
        CompletableFuture<List<String>> told = new CompletableFuture<>();
        loop.execute(() -> {
            List<String> order = new CopyOnWriteArrayList<>();
            order.add("here " + loop.isHere());
            loop.execute(() -> order.add("at once"));
            order.add("after");
            told.complete(order);
        });

        assertThat(await(told)).containsExactly("here true", "at once", "after");
    }

    @Test
    void runsAScheduledTaskOnItsThreadAfterTheDelay() throws Exception {
        CompletableFuture<Boolean> here = new CompletableFuture<>();
        long before = loop.nanoTime();
        loop.schedule(Duration.ofMillis(20), () -> here.complete(loop.isHere()));

        assertThat(await(here)).isTrue();
        assertThat(loop.nanoTime() - before).isGreaterThanOrEqualTo(20_000_000L);
    }

    @Test
    void aPipelineRunsOnIt() throws Exception {
        FakeSource source = new FakeSource();
        Router router = new Router("main", new SimpleMeterRegistry());
        CompletableFuture<String> confirmed = new CompletableFuture<>();
        FakeStore store =
                new FakeStore() {
                    @Override
                    public Uni<Void> store(String name, Checkpoint checkpoint) {
                        return Uni.createFrom()
                                .voidItem()
                                .emitOn(ForkJoinPool.commonPool())
                                .invoke(() -> confirmed.complete(checkpoint.watermark().text()));
                    }
                };
        TestLine line = new TestLine();
        Pipeline pipeline =
                new Pipeline(
                        source,
                        router,
                        new Confirmer(source, store, loop, Confirmer.Pace.DEFAULT),
                        new LogBook("main", store, loop, router, line),
                        line.liveness,
                        loop,
                        Pipeline.Bounds.DEFAULT,
                        line);
        List<String> done = new CopyOnWriteArrayList<>();
        router.add(
                new RuleRunner(
                        Rules.of("r", "*"),
                        change ->
                                Uni.createFrom()
                                        .item(HandlerResult.NONE)
                                        .emitOn(ForkJoinPool.commonPool())
                                        .invoke(() -> done.add(change.id().toString())),
                        8,
                        loop,
                        java.time.InstantSource.system(),
                        new java.util.Random(1),
                        new RuleMeters(new SimpleMeterRegistry(), "main", "r"),
                        pipeline));
        Relation table = Events.table("t", 1, 0);
        Transaction transaction = Events.transaction(0x10);
        pipeline.start();
        CompletableFuture<Void> told = new CompletableFuture<>();
        loop.execute(() -> {
            source.tell(
                    Events.resumed(1),
                    Events.begin(transaction),
                    Events.insert(transaction, 0, table, "1"),
                    Events.insert(transaction, 1, table, "1"),
                    Events.commit(transaction));
            told.complete(null);
        });
        await(told);

        assertThat(await(confirmed)).isEqualTo("0/11");
        assertThat(done).containsExactly("0/10:0", "0/10:1");
        pipeline.drain(Duration.ofSeconds(8)).await().atMost(Duration.ofSeconds(10));
        assertThat(source.confirmed).containsExactly("0/11");
        assertThat(source.closed).isTrue();
    }
}
