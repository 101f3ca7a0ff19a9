package dev.walmonitor.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.TraceContext;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.pipeline.Loop;
import dev.walmonitor.pipeline.Tracing.Fate;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TracedHandlerTest {
    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String CANARY = "quokka";
    private static final Instant COMMIT = Instant.parse("2026-01-01T00:00:00.123456Z");
    private static final Relation T =
            new Relation(
                    16400,
                    new TableName("public", "t"),
                    ReplicaIdentity.DEFAULT,
                    List.of(new Column("id", 25, -1, true)),
                    List.of(0));

    private static final Transaction PLAIN =
            new Transaction("main", 1, new Lsn(0x1950E78), COMMIT, -1);

    private static final Rule RULE =
            new Rule(
                    "mirror",
                    "test",
                    "main",
                    new Filter(List.of(TablePattern.parse("t")), Set.of(Operation.values())),
                    Rule.Retry.DEFAULT);

    private final List<SpanData> sent = new ArrayList<>();
    private final Arrivals arrivals = new Arrivals();
    private Instant now = COMMIT.plusMillis(5);
    private RuleSpans spans = spans(Sampler.parentBased(Sampler.alwaysOn()));

    private static final class Here implements Loop {
        @Override
        public boolean isHere() {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void schedule(Duration delay, Runnable task) {
            throw new UnsupportedOperationException();
        }
    }

    private final class Kept implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> more) {
            sent.addAll(more);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    private RuleSpans spans(Sampler sampler) {
        SdkTracerProvider provider =
                SdkTracerProvider.builder()
                        .setSampler(sampler)
                        .addSpanProcessor(SimpleSpanProcessor.create(new Kept()))
                        .build();
        return new RuleSpans(RULE, provider.get("test"), arrivals, () -> now);
    }

    private static RowChange change(Transaction transaction) {
        return new RowChange.Insert(transaction, 3, Row.of(T, new ColumnValue.Text(CANARY)));
    }

    @CanIgnoreReturnValue
    private HandlerResult handle(RowChange change, ChangeHandler handler) {
        return new TracedHandler(handler, spans, new Here())
                .handle(change)
                .onFailure()
                .recoverWithItem(failure -> HandlerResult.of("failed"))
                .await()
                .indefinitely();
    }

    private static Uni<HandlerResult> refreshed() {
        return Uni.createFrom().item(HandlerResult.of("refreshed").with("key", "t:" + CANARY));
    }

    private SpanData named(String name) {
        return sent.stream().filter(span -> span.getName().equals(name)).findFirst().orElseThrow();
    }

    private static long nanos(Instant time) {
        return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    }

    @Test
    void aChangeIsASpanFromItsCommitToItsEffectWithinTheApplicationsTrace() {
        arrivals.came(PLAIN, COMMIT.plusMillis(2));
        Transaction traced = PLAIN.within(new TraceContext(PARENT, "rojo=1"));
        HandlerResult result =
                handle(
                        change(traced),
                        change -> {
                            now = now.plusMillis(4);
                            return refreshed();
                        });

        assertThat(result.action()).isEqualTo("refreshed");
        SpanData span = named("mirror INSERT public.t");
        assertThat(span.getTraceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(span.getParentSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(span.getSpanContext().getTraceState().get("rojo")).isEqualTo("1");
        assertThat(span.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(span.getStartEpochNanos()).isEqualTo(nanos(COMMIT));
        assertThat(span.getEndEpochNanos()).isEqualTo(nanos(COMMIT.plusMillis(9)));
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(span.getAttributes().asMap())
                .isEqualTo(
                        Attributes.builder()
                                .put("db.collection.name", "public.t")
                                .put("db.operation.name", "INSERT")
                                .put("wal_monitor.source", "main")
                                .put("wal_monitor.rule", "mirror")
                                .put("wal_monitor.action", "test")
                                .put("wal_monitor.xid", 4294967295L)
                                .put("wal_monitor.lsn", "0/1950E78")
                                .put("wal_monitor.change_id", "0/1950E78:3")
                                .put("wal_monitor.delivery", "first")
                                .put("wal_monitor.outcome", "done")
                                .put("wal_monitor.effect", "refreshed")
                                .put("wal_monitor.attempts", 1)
                                .build()
                                .asMap());
        assertThat(span.getEvents())
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getName()).isEqualTo("received");
                    assertThat(event.getEpochNanos()).isEqualTo(nanos(COMMIT.plusMillis(2)));
                });
        SpanData attempt = named("attempt");
        assertThat(attempt.getParentSpanId()).isEqualTo(span.getSpanId());
        assertThat(attempt.getStartEpochNanos()).isEqualTo(nanos(COMMIT.plusMillis(5)));
        assertThat(sent.toString()).doesNotContain(CANARY);
    }

    @Test
    void theHandlerIsGivenTheAttemptsPlaceToPassOn() {
        List<@Nullable TraceContext> given = new ArrayList<>();
        handle(
                change(PLAIN.within(new TraceContext(PARENT, null))),
                change -> {
                    given.add(change.transaction().trace());
                    return refreshed();
                });

        SpanData attempt = named("attempt");
        assertThat(given)
                .containsExactly(
                        new TraceContext(
                                "00-" + attempt.getTraceId() + "-" + attempt.getSpanId() + "-01",
                                null));
    }

    @Test
    void whatIsMeasuredWhenTheWorkIsDoneCanNameTheChangesSpan() {
        List<String> current = new ArrayList<>();
        new TracedHandler(change -> refreshed(), spans, new Here())
                .handle(change(PLAIN))
                .subscribe()
                .with(result -> current.add(Measured.now().getSpanId()));

        assertThat(current).containsExactly(named("mirror INSERT public.t").getSpanId());
        assertThat(Measured.now().isValid()).isFalse();
    }

    @Test
    void anAttemptThatFailsIsASpanOfItsOwnAndTellsNothingOfTheFailureButItsKind() {
        RowChange change = change(PLAIN);
        handle(change, c -> Uni.createFrom().failure(new IllegalStateException(CANARY)));
        handle(
                change,
                c -> {
                    throw new IllegalArgumentException(CANARY);
                });
        handle(change, c -> refreshed());

        assertThat(sent)
                .extracting(SpanData::getName)
                .containsExactly("attempt", "attempt", "attempt", "mirror INSERT public.t");
        assertThat(sent.subList(0, 2))
                .extracting(span -> span.getAttributes().get(Keys.ERROR_TYPE))
                .containsExactly(
                        "java.lang.IllegalStateException", "java.lang.IllegalArgumentException");
        assertThat(sent.get(0).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(sent.get(3).getAttributes().get(Keys.ATTEMPTS)).isEqualTo(3);
        assertThat(sent.toString()).doesNotContain(CANARY);
    }

    @Test
    void whatIsSetAsideSaysHowAndWhatIsGivenUpIsAnError() {
        RowChange change = change(PLAIN);
        handle(change, c -> Uni.createFrom().failure(new IllegalStateException("no luck")));
        spans.setAside(change, Fate.PARKED);
        spans.setAside(change, Fate.DEAD);

        assertThat(sent.subList(1, 3))
                .extracting(
                        span -> span.getAttributes().get(Keys.OUTCOME),
                        span -> span.getAttributes().get(Keys.ATTEMPTS),
                        span -> span.getStatus().getStatusCode())
                .containsExactly(
                        tuple("parked", 1L, StatusCode.UNSET), tuple("dead", 0L, StatusCode.ERROR));
    }

    @Test
    void whatAnOperatorHasDoneOnceMoreBeginsWhenItDoes() {
        handle(change(PLAIN.as(Delivery.REPLAY)), c -> refreshed());

        SpanData span = named("mirror INSERT public.t");
        assertThat(span.getStartEpochNanos()).isEqualTo(nanos(COMMIT.plusMillis(5)));
        assertThat(span.getAttributes().get(Keys.DELIVERY)).isEqualTo("replay");
    }

    @Test
    void aDatabaseWhoseClockIsAheadMakesNoSpanThatEndsBeforeItBegins() {
        now = COMMIT.minusSeconds(1);
        handle(change(PLAIN), c -> refreshed());

        SpanData span = named("mirror INSERT public.t");
        assertThat(span.getStartEpochNanos()).isEqualTo(nanos(COMMIT));
        assertThat(span.getEndEpochNanos()).isEqualTo(nanos(COMMIT));
    }

    @Test
    void anEffectThatIsNotOneWordIsNotShown() {
        handle(change(PLAIN), c -> Uni.createFrom().item(HandlerResult.of("made " + CANARY)));

        assertThat(named("mirror INSERT public.t").getAttributes().get(Keys.EFFECT)).isNull();
    }

    @Test
    void whatTheApplicationDoesNotSampleIsNotSentButItsTraceGoesOn() {
        List<@Nullable TraceContext> given = new ArrayList<>();
        handle(
                change(PLAIN.within(new TraceContext(PARENT.replace("-01", "-00"), null))),
                change -> {
                    given.add(change.transaction().trace());
                    return refreshed();
                });

        assertThat(sent).isEmpty();
        TraceContext place = Objects.requireNonNull(given.getFirst());
        assertThat(place.traceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(place.flags()).isEqualTo("00");
    }

    @Test
    void withoutATraceOfTheApplicationsAChangeBeginsOne() {
        spans = spans(Sampler.alwaysOn());
        handle(change(PLAIN), c -> refreshed());

        assertThat(named("mirror INSERT public.t").getParentSpanContext().isValid()).isFalse();
    }
}
