package dev.walmonitor.pipeline;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.source.Broadcast;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.Checkpoints;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A source that tells what a test puts into its mouth, a batch for each that is asked for. */
class FakeSource implements ChangeSource {
    /** The contents of the marks that were asked for. */
    final List<String> marks = new ArrayList<>();

    Uni<Position> marked = Uni.createFrom().item(new Lsn(1));
    @Nullable Checkpoints checkpoints;

    final List<String> confirmed = new ArrayList<>();
    final Broadcast<SourceStatus> statusChanges = new Broadcast<>();
    boolean cancelled;
    boolean closed;
    @Nullable Interest interest;
    Uni<Void> closing = Uni.createFrom().voidItem();

    SourceState state = SourceState.STREAMING;

    /** Where the log says it ends. */
    Uni<Position> end = Uni.createFrom().item(new Lsn(1));

    private final ArrayDeque<ChangeBatch> batches = new ArrayDeque<>();
    private @Nullable MultiSubscriber<? super ChangeBatch> subscriber;
    private long demand;
    private boolean delivering;

    /** One batch of these events, as soon as one is asked for. */
    void tell(ChangeEvent... events) {
        batches.add(new ChangeBatch(List.of(events)));
        deliver();
    }

    void fail(Throwable failure) {
        subscriber().onFailure(failure);
    }

    /** Whether another batch was asked for. */
    boolean isAsked() {
        return demand > 0;
    }

    private MultiSubscriber<? super ChangeBatch> subscriber() {
        if (subscriber == null) {
            throw new IllegalStateException("Nobody has subscribed");
        }
        return subscriber;
    }

    private void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        while (demand > 0 && !batches.isEmpty() && !cancelled) {
            demand--;
            subscriber().onItem(batches.removeFirst());
        }
        delivering = false;
    }

    @Override
    public String name() {
        return "main";
    }

    @Override
    public Multi<ChangeBatch> changes(Interest wanted, Checkpoints stored) {
        checkpoints = stored;
        interest = wanted;
        return new AbstractMulti<>() {
            @Override
            public void subscribe(MultiSubscriber<? super ChangeBatch> s) {
                subscriber = s;
                s.onSubscribe(
                        new Flow.Subscription() {
                            @Override
                            public void request(long n) {
                                demand += n;
                                deliver();
                            }

                            @Override
                            public void cancel() {
                                cancelled = true;
                            }
                        });
            }
        };
    }

    @Override
    public Uni<Position> mark(String content) {
        marks.add(content);
        return marked;
    }

    @Override
    public Uni<Position> end() {
        return end;
    }

    @Override
    public void confirm(Position position) {
        confirmed.add(position.text());
    }

    @Override
    public SourceStatus status() {
        return new SourceStatus(
                "main", state, Instant.EPOCH, null, null, null, null, null, 0, List.of());
    }

    @Override
    public Multi<SourceStatus> statusChanges() {
        return statusChanges.news();
    }

    @Override
    public Uni<List<Relation>> relations() {
        return Uni.createFrom().item(List.of());
    }

    @Override
    public Uni<LogGauges> gauges() {
        return Uni.createFrom().item(new LogGauges(1, 2, true));
    }

    @Override
    public Uni<Void> close() {
        return closing.onSubscription().invoke(() -> closed = true);
    }
}
