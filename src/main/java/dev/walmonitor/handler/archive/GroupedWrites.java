package dev.walmonitor.handler.archive;

import dev.walmonitor.handler.ChangeArchive;
import dev.walmonitor.handler.ChangeArchive.Archived;
import dev.walmonitor.sink.SinkException;
import io.micrometer.core.instrument.DistributionSummary;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Writes changes together: one write is under way at most, and what comes meanwhile goes with the
 * next. Nobody waits for others to come. Thread-safe.
 */
final class GroupedWrites {

    /** Characters of envelopes in one write; a single one may be larger. */
    private static final long MOST_TEXT = 4_000_000;

    private record Waiting(Archived change, UniEmitter<? super Void> who) {}

    private final ChangeArchive archive;
    private final int most;
    private final DistributionSummary sizes;

    /** Guards the other fields. */
    private final Queue<Waiting> waiting = new ArrayDeque<>();

    private boolean writing;

    /**
     * @param most how many changes are written together
     * @param sizes is told how many were
     */
    GroupedWrites(ChangeArchive archive, int most, DistributionSummary sizes) {
        this.archive = archive;
        this.most = Math.max(1, most);
        this.sizes = sizes;
    }

    /** Completes when the change is durable; fails if it may not be. */
    Uni<Void> add(Archived change) {
        return Uni.createFrom()
                .emitter(who -> {
                    synchronized (waiting) {
                        waiting.add(new Waiting(change, who));
                    }
                    next();
                });
    }

    private void next() {
        List<Waiting> group = new ArrayList<>();
        synchronized (waiting) {
            if (writing || waiting.isEmpty()) {
                return;
            }
            writing = true;
            long text = 0;
            while (!waiting.isEmpty() && group.size() < most && text < MOST_TEXT) {
                Waiting one = waiting.remove();
                text += one.change().envelope().length();
                group.add(one);
            }
        }
        sizes.record(group.size());
        var _ = write(group).subscribe().with(done -> finished(), failure -> finished());
    }

    private void finished() {
        synchronized (waiting) {
            writing = false;
        }
        next();
    }

    /** Where one change is the reason why none could be stored, the others are found by halves. */
    private Uni<Void> write(List<Waiting> group) {
        return Uni.createFrom()
                .deferred(() -> archive.store(group.stream().map(Waiting::change).toList()))
                .invoke(stored -> group.forEach(one -> one.who().complete(null)))
                .replaceWithVoid()
                .onFailure()
                .recoverWithUni(failure -> failed(group, failure));
    }

    private Uni<Void> failed(List<Waiting> group, Throwable failure) {
        boolean passing = !(failure instanceof SinkException known) || known.isRetryable();
        if (passing || group.size() == 1) {
            group.forEach(one -> one.who().fail(failure));
            return Uni.createFrom().voidItem();
        }
        int half = group.size() / 2;
        return write(group.subList(0, half)).chain(() -> write(group.subList(half, group.size())));
    }
}
