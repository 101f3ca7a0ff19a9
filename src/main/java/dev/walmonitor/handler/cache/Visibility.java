package dev.walmonitor.handler.cache;

import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.Queries.Mark;
import dev.walmonitor.sink.sql.Query;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells when others can see what a transaction did: the log shows a commit a little before, and
 * with synchronous replication maybe long before. One question at a time asks for all who wait.
 * Owned by its loop; may be asked from any thread.
 */
final class Visibility {
    private static final Query NOTHING = Query.of("select 1 as one limit 0");
    private static final Duration FIRST_AGAIN = Duration.ofMillis(5);
    private static final Duration LAST_AGAIN = Duration.ofMillis(250);

    private record Waiter(Mark mark, UniEmitter<? super @Nullable Void> answer) {}

    private final Queries queries;
    private final Loop loop;
    private List<Waiter> waiting = new ArrayList<>();
    private boolean busy;
    private int again;

    Visibility(Queries queries, Loop loop) {
        this.queries = queries;
        this.loop = loop;
    }

    /** Completes when the transaction can be seen; fails if that cannot be asked. */
    Uni<Void> of(Mark mark) {
        return Uni.createFrom()
                .emitter(answer ->
                        loop.execute(() -> {
                            waiting.add(new Waiter(mark, answer));
                            ask();
                        }));
    }

    private void ask() {
        if (busy || waiting.isEmpty()) {
            return;
        }
        busy = true;
        List<Waiter> batch = waiting;
        waiting = new ArrayList<>();
        Set<Mark> marks = new LinkedHashSet<>();
        batch.forEach(waiter -> marks.add(waiter.mark()));
        var _ =
                queries.snapshot(NOTHING, List.of(), marks)
                        .subscribe()
                        .with(
                                seen -> loop.execute(() -> answer(batch, seen.unseen())),
                                failure -> loop.execute(() -> fail(batch, failure)));
    }

    private void answer(List<Waiter> batch, Set<Mark> unseen) {
        for (Waiter waiter : batch) {
            if (unseen.contains(waiter.mark())) {
                waiting.add(waiter);
            } else {
                waiter.answer().complete(null);
            }
        }
        if (unseen.isEmpty()) {
            again = 0;
            busy = false;
            ask();
        } else {
            long delay =
                    Math.min(FIRST_AGAIN.toMillis() << Math.min(again, 10), LAST_AGAIN.toMillis());
            again++;
            loop.schedule(
                    Duration.ofMillis(delay),
                    () -> {
                        busy = false;
                        ask();
                    });
        }
    }

    private void fail(List<Waiter> batch, Throwable failure) {
        busy = false;
        batch.forEach(waiter -> waiter.answer().fail(failure));
        ask();
    }
}
