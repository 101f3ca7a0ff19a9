package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.pipeline.RunningPipelines.BoundRule;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceProfile;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.helpers.test.UniAssertSubscriber;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunningPipelinesTest {
    private static final Relation TABLE = Events.table("t", 1, 0);
    private static final Transaction FIRST = Events.transaction(0x10);

    private final RunningPipelines pipelines = new RunningPipelines(new SimpleMeterRegistry());
    private final ManualLoop loop = new ManualLoop();
    private final FakeSource source = new FakeSource();
    private final FakeStore store = new FakeStore();
    private final FakeHandler handler = new FakeHandler();

    private void start() {
        pipelines.open(
                source,
                loop,
                new RunningPipelines.Options(8, Duration.ZERO, Duration.ofSeconds(60)),
                store,
                new MemoryParking());
        pipelines.begin("main", List.of(new BoundRule(Rules.of("r", "t"), handler)));
    }

    private void tellOneInsert() {
        source.tell(
                Events.resumed(1),
                Events.begin(FIRST),
                Events.insert(FIRST, 0, TABLE, "1"),
                Events.commit(FIRST));
    }

    @Test
    void changesReachTheRulesAndAreConfirmed() {
        start();
        tellOneInsert();
        assertThat(pipelines.statuses())
                .containsExactly(new PipelineStatus(source.status(), new Lsn(1), 1, Duration.ZERO));
        handler.finish("0/10:0");
        loop.pass(Duration.ofSeconds(1));

        assertThat(source.confirmed).containsExactly("0/11");
    }

    @Test
    void aRuleThatIsRegisteredLaterGetsWhatComesFromThenOn() {
        start();
        tellOneInsert();
        FakeHandler late = new FakeHandler();
        pipelines.register("main", new BoundRule(Rules.of("late", "t"), late));
        Transaction second = Events.transaction(0x20);
        source.tell(
                Events.begin(second), Events.insert(second, 0, TABLE, "2"), Events.commit(second));

        assertThat(late.begun).containsExactly("0/20:0");
        assertThat(handler.begun).containsExactly("0/10:0", "0/20:0");
    }

    @Test
    void aSourceThatDoesNotExistIsNamedTogetherWithThoseThatDo() {
        start();

        assertThatThrownBy(() ->
                        pipelines.register("mian", new BoundRule(Rules.of("r", "t"), handler)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no source \"mian\"; there are: [main]");
        assertThatThrownBy(() -> pipelines.gauges("mian").await().indefinitely())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no source \"mian\"; there are: [main]");
    }

    @Test
    void theGaugesAreTheSources() {
        start();

        assertThat(pipelines.gauges("main").await().indefinitely())
                .isEqualTo(new LogGauges(1, 2, true));
    }

    @Test
    void aRuleWhoseHandlerIsDisabledSaysSo() {
        start();
        assertThat(pipelines.rules().getFirst().disabled()).isNull();
        handler.disabled = "nobody listens";
        assertThat(pipelines.rules().getFirst().disabled()).isEqualTo("nobody listens");
    }

    @Test
    void whatHandlersDidIsToldToThoseWhoListen() {
        start();
        tellOneInsert();
        AssertSubscriber<HandledChange> told =
                pipelines.handled().subscribe().withSubscriber(AssertSubscriber.create(10));
        loop.pass(Duration.ofMillis(7));
        AssertSubscriber<HandlerResult> results =
                pipelines.results().subscribe().withSubscriber(AssertSubscriber.create(10));
        HandlerResult result = HandlerResult.of("refreshed").with("key", "k");
        handler.finish("0/10:0", result);

        assertThat(results.getItems()).containsExactly(result);

        assertThat(told.getItems())
                .containsExactly(
                        new HandledChange(
                                "r",
                                Events.insert(FIRST, 0, TABLE, "1"),
                                result,
                                told.getItems().getFirst().sinceCommit()));
    }

    @Test
    void aNewStateOfASourceIsToldWithTheStateOfItsPipeline() {
        start();
        AssertSubscriber<PipelineStatus> told =
                pipelines.changes().subscribe().withSubscriber(AssertSubscriber.create(10));
        tellOneInsert();
        source.statusChanges.tell(source.status());

        assertThat(told.getItems())
                .containsExactly(new PipelineStatus(source.status(), new Lsn(1), 1, Duration.ZERO));
    }

    @Test
    void aSourceThatIsPausedIsReadNoFurtherAndSaysSoUntilItGoesOn() {
        start();
        source.tell(Events.resumed(1));
        loop.pass(Duration.ofSeconds(1));

        assertThat(pipelines.pauseSource("main", "moving house")).isTrue();
        loop.pass(Duration.ofSeconds(1));
        source.tell(Events.begin(FIRST), Events.insert(FIRST, 0, TABLE, "1"), Events.commit(FIRST));

        SourceStatus paused = pipelines.statuses().getFirst().source();
        assertThat(paused.state()).isEqualTo(SourceState.PAUSED);
        assertThat(Objects.requireNonNull(paused.failure()).message())
                .isEqualTo(
                        "Reading is paused: moving house. The database keeps its log meanwhile."
                                + " To go on: wal-monitor resume --source main");
        assertThat(handler.begun).isEmpty();

        assertThat(pipelines.resumeSource("main")).isTrue();
        loop.pass(Duration.ofSeconds(1));
        assertThat(handler.begun).containsExactly("0/10:0");
        assertThat(pipelines.statuses().getFirst().source().state())
                .isEqualTo(SourceState.STREAMING);
        assertThat(pipelines.pauseSource("other", "why")).isFalse();
    }

    @Test
    void aPausedSourceThatHasOtherWorriesTellsThose() {
        start();
        assertThat(pipelines.pauseSource("main", "moving house")).isTrue();
        loop.pass(Duration.ofSeconds(1));
        source.state = SourceState.SLOT_MISSING;

        assertThat(pipelines.statuses().getFirst().source().state())
                .isEqualTo(SourceState.SLOT_MISSING);
    }

    @Test
    void aPausedSourceIsLeftAtOnce() {
        start();
        tellOneInsert();
        handler.finish("0/10:0");
        assertThat(pipelines.pauseSource("main", "moving house")).isTrue();
        loop.pass(Duration.ofSeconds(1));

        UniAssertSubscriber<Void> drained =
                pipelines
                        .drain(Duration.ofSeconds(8))
                        .subscribe()
                        .withSubscriber(UniAssertSubscriber.create());
        loop.pass(Duration.ofMillis(10));
        assertThat(source.closed).isTrue();
        assertThat(drained).isNotNull();
    }

    @Test
    void drainsEverySource() {
        start();
        tellOneInsert();
        boolean[] drained = new boolean[1];
        pipelines.drain(Duration.ofSeconds(8)).subscribe().with(ok -> drained[0] = true);
        assertThat(drained[0]).isFalse();
        handler.finish("0/10:0");

        assertThat(drained[0]).isTrue();
        assertThat(source.confirmed).containsExactly("0/11");
        assertThat(source.closed).isTrue();
    }

    @Test
    void withoutSourcesThereIsNothingToDrain() {
        Uni<Void> drain = pipelines.drain(Duration.ofSeconds(8));

        assertThat(drain.await().atMost(Duration.ofSeconds(1))).isNull();
    }

    private Barrier barrier(@Nullable Lsn place, @Nullable String rule) {
        return barrier("main", place, rule);
    }

    private Barrier barrier(String name, @Nullable Lsn place, @Nullable String rule) {
        UniAssertSubscriber<Barrier> barrier =
                pipelines
                        .barrier(name, place, rule, Duration.ofMillis(50))
                        .subscribe()
                        .withSubscriber(UniAssertSubscriber.create());
        loop.pass(Duration.ofMillis(50));
        return barrier.awaitItem(Duration.ofSeconds(10)).getItem();
    }

    @Test
    void aBarrierWaitsForTheRuleThatIsNamed() {
        start();
        tellOneInsert();
        assertThat(barrier(new Lsn(0x11), "r"))
                .isEqualTo(
                        new Barrier.Behind(
                                new Lsn(0x11),
                                new Lsn(0x11),
                                SourceState.STREAMING,
                                null,
                                List.of(
                                        new Barrier.Standing(
                                                "r", new Lsn(0x10), 0, false, 0, 0, null))));
        handler.finishAll();
        assertThat(barrier(new Lsn(0x11), "r")).isEqualTo(new Barrier.Applied(new Lsn(0x11)));
    }

    @Test
    void aBarrierWithoutARuleWaitsForTheCacheRules() {
        FakeHandler cache = new FakeHandler();
        start();
        Rule rule = Rules.of("c", "t");
        pipelines.register(
                "main",
                new BoundRule(new Rule("c", "cache", "main", rule.filter(), rule.retry()), cache));
        tellOneInsert();
        assertThat(barrier(new Lsn(0x11), null)).isInstanceOf(Barrier.Behind.class);
        cache.finishAll();
        assertThat(barrier(new Lsn(0x11), null)).isEqualTo(new Barrier.Applied(new Lsn(0x11)));
    }

    @Test
    void aBarrierWithoutAPlaceIsForTheEndOfTheLog() {
        source.end = Uni.createFrom().item(new Lsn(0x11));
        start();
        assertThat(barrier(null, null)).isInstanceOf(Barrier.Behind.class);
        tellOneInsert();
        assertThat(barrier(null, null)).isEqualTo(new Barrier.Applied(new Lsn(0x11)));
    }

    @Test
    void aDatabaseThatDoesNotTellWhereItsLogEndsIsSaidSo() {
        source.end = Uni.createFrom().nothing();
        start();
        assertThat(barrier(null, null))
                .isEqualTo(new Barrier.NoPlace("The database has not answered within 50 ms."));
        source.end = Uni.createFrom().failure(new IllegalStateException("It is away."));
        assertThat(barrier(null, null)).isEqualTo(new Barrier.NoPlace("It is away."));
    }

    @Test
    void aBarrierIsRefusedWhereTheSourceIsNotReadAndForRulesThatItHasNot() {
        pipelines.configured(
                List.of(
                        new SourceProfile("main", "postgresql", "s"),
                        new SourceProfile("later", "postgresql", "s")));
        start();
        assertThat(barrier(new Lsn(1), "rr")).isEqualTo(new Barrier.NoRule(List.of("r")));
        assertThat(barrier("later", new Lsn(1), null)).isEqualTo(new Barrier.Elsewhere(null));
        source.state = SourceState.STANDBY;
        assertThat(barrier(new Lsn(1), null)).isEqualTo(new Barrier.Elsewhere(SourceState.STANDBY));
        assertThatThrownBy(() -> barrier("mian", new Lsn(1), null))
                .hasMessageContaining("There is no source \"mian\"; there are: [main]");
    }
}
