package dev.walmonitor.pipeline;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.pipeline.History.Committed;
import dev.walmonitor.pipeline.History.Happening;
import dev.walmonitor.pipeline.History.Shape;
import dev.walmonitor.source.Checkpoints;
import dev.walmonitor.source.Interest;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.AbstractMulti;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Tells a history in batches that are cut anywhere, over a connection that breaks anywhere. Then it
 * tells the open transaction again, and sometimes everything that was not confirmed.
 */
final class HistorySource extends FakeSource {
    private final History history;
    private final Ledger ledger;
    private final ManualLoop loop;
    private final Random random;
    private final Lsn from;
    private final boolean filters;
    private final boolean tellsAllAgain;
    private final int batchSize;
    private final int breaks;
    private final Map<Shape, Relation> relations = new HashMap<>();

    private @Nullable MultiSubscriber<? super ChangeBatch> subscriber;
    private Interest wanted = Interest.ALL;
    private Lsn server;
    private boolean begun;
    private boolean connected;
    private boolean endTold;
    private boolean faulty = true;
    private int next;
    private int told = -1;
    private boolean waiting;
    private boolean idle;
    private boolean delivering;

    /** Starts at the position, as a process does at the one that it stored. */
    HistorySource(
            History history, Ledger ledger, ManualLoop loop, Random random, @Nullable Lsn stored) {
        this.history = history;
        this.ledger = ledger;
        this.loop = loop;
        this.random = random;
        this.from = stored == null ? history.before(0, random) : stored;
        this.server = from;
        this.next = history.firstFrom(stored);
        this.filters = random.nextBoolean();
        this.tellsAllAgain = random.nextBoolean();
        this.batchSize = random.nextBoolean() ? 4 : 40;
        this.breaks = random.nextInt(3) == 0 ? 0 : 30;
    }

    /** From now on nothing breaks. */
    void calm() {
        faulty = false;
    }

    @Override
    public Multi<ChangeBatch> changes(Interest interest, Checkpoints stored) {
        wanted = interest;
        return new AbstractMulti<>() {
            @Override
            public void subscribe(MultiSubscriber<? super ChangeBatch> s) {
                subscriber = s;
                s.onSubscribe(
                        new Flow.Subscription() {
                            @Override
                            public void request(long n) {
                                deliverSoon();
                            }

                            @Override
                            public void cancel() {
                                ledger.violation("the pipeline refused what the source told");
                            }
                        });
            }
        };
    }

    private void deliverSoon() {
        ledger.check(!waiting, "two batches were asked for at a time");
        waiting = true;
        int dice = random.nextInt(100);
        if (dice < 30 && !delivering) {
            deliver();
        } else if (dice < 35) {
            loop.schedule(Duration.ofSeconds(2), this::deliver);
        } else {
            loop.schedule(Duration.ofMillis(random.nextInt(20)), this::deliver);
        }
    }

    private void deliver() {
        List<ChangeEvent> events = batch();
        if (events.isEmpty()) {
            idle = true; // what was asked for stays so
            return;
        }
        waiting = false;
        MultiSubscriber<? super ChangeBatch> listener = subscriber;
        if (listener == null) {
            throw new IllegalStateException("Nobody has subscribed");
        }
        delivering = true;
        if (random.nextInt(20) == 0) {
            loop.elsewhere(() -> listener.onItem(new ChangeBatch(events)));
        } else {
            listener.onItem(new ChangeBatch(events));
        }
        delivering = false;
    }

    private List<ChangeEvent> batch() {
        List<ChangeEvent> events = new ArrayList<>();
        int size = 1 + random.nextInt(batchSize);
        while (events.size() < size && !(connected && endTold)) {
            if (faulty && breaks > 0 && random.nextInt(breaks) == 0) {
                breakOff();
            }
            tellNext(events);
        }
        return events;
    }

    /** The connection breaks while there is nothing to tell. */
    void breakIdle() {
        if (faulty && endTold) {
            breakOff();
            if (idle) {
                idle = false;
                deliver();
            }
        }
    }

    private void breakOff() {
        connected = false;
        endTold = false;
        told = -1;
        if (tellsAllAgain) {
            next = Math.min(next, history.firstFrom(server));
        }
        if (random.nextBoolean()) {
            relations.clear();
        }
    }

    private void tellNext(List<ChangeEvent> events) {
        if (!connected) {
            connected = true;
            events.add(
                    new ChangeEvent.Resumed(
                            begun ? history.before(next, random) : from, Events.LOG, null));
            begun = true;
            if (random.nextBoolean()) {
                events.add(new ChangeEvent.Progress(new Lsn(from.value() - 9), false));
            }
        } else if (told >= 0) {
            tellOpen(events, history.transactions.get(next));
        } else if (next == history.transactions.size()) {
            events.add(new ChangeEvent.Progress(history.end(), random.nextBoolean()));
            endTold = true;
        } else if (random.nextInt(4) == 0) {
            events.add(between());
        } else if (filters
                && history.transactions.get(next).happenings().stream().noneMatch(this::wants)) {
            next++;
        } else {
            events.add(new ChangeEvent.Begin(history.transactions.get(next).transaction()));
            told = 0;
        }
    }

    private ChangeEvent between() {
        Lsn position = history.before(next, random);
        return random.nextInt(5) == 0
                ? new ChangeEvent.Message(null, position, "prefix", new byte[0])
                : new ChangeEvent.Progress(position, random.nextInt(10) == 0);
    }

    private void tellOpen(List<ChangeEvent> events, Committed transaction) {
        if (told == transaction.happenings().size()) {
            events.add(new ChangeEvent.Commit(transaction.transaction(), transaction.end()));
            next++;
            told = -1;
            return;
        }
        Happening happening = transaction.happenings().get(told++);
        if (!filters || wants(happening)) {
            RowChange change =
                    happening.tell(relations.computeIfAbsent(happening.shape(), Shape::relation));
            ledger.told(happening, change);
            events.add(change);
        }
    }

    /** The shape in which a change was told, or would be. */
    Relation relation(Happening happening) {
        return relations.computeIfAbsent(happening.shape(), Shape::relation);
    }

    private boolean wants(Happening happening) {
        return wanted.wants(
                relations.computeIfAbsent(happening.shape(), Shape::relation),
                happening.operation());
    }

    @Override
    public Uni<Position> mark(String content) {
        return Uni.createFrom().failure(new UnsupportedOperationException());
    }

    @Override
    public void confirm(Position position) {
        ledger.confirmed(position);
        server = new Lsn(position.number());
    }
}
