package dev.walmonitor.checker;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.Random;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Does nothing about a change but write it into the journal: at once or later, on the caller's
 * thread or another; or fails, before the work or after it. Thread-safe.
 */
final class MoodyHandler implements ChangeHandler {
    private final int life;
    private final String rule;
    private final Journal journal;
    private final Weather weather;
    private final ScheduledExecutorService elsewhere;
    private final Random random;

    MoodyHandler(
            int life,
            String rule,
            Journal journal,
            Weather weather,
            ScheduledExecutorService elsewhere,
            Random random) {
        this.life = life;
        this.rule = rule;
        this.journal = journal;
        this.weather = weather;
        this.elsewhere = elsewhere;
        this.random = random;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        Told told = Told.of(change);
        return Uni.createFrom()
                .emitter(emitter -> {
                    if (journal.add(life, new Journal.Entry.Begun(rule, told))) {
                        int delay = delay();
                        if (delay < 0) {
                            answer(told, emitter);
                        } else {
                            later(told, emitter, delay);
                        }
                    }
                });
    }

    /** In milliseconds; -1 for at once, on the caller's thread. */
    private int delay() {
        int most = weather.slowHandlers;
        if (weather.stalled) {
            return 10;
        }
        return most == 0 || random.nextInt(10) < 6
                ? -1
                : random.nextInt(30) == 0 ? random.nextInt(5 * most + 1) : random.nextInt(most + 1);
    }

    private void later(Told told, UniEmitter<? super HandlerResult> emitter, int millis) {
        var _ =
                elsewhere.schedule(
                        () -> {
                            if (weather.stalled) {
                                later(told, emitter, 10);
                            } else {
                                answer(told, emitter);
                            }
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    private void answer(Told told, UniEmitter<? super HandlerResult> emitter) {
        if (random.nextInt(100) < weather.failing) {
            if (journal.add(life, new Journal.Entry.Failed(rule, told, random.nextBoolean()))) {
                emitter.fail(new IllegalStateException("in a bad mood"));
            }
        } else if (journal.add(life, new Journal.Entry.Done(rule, told))) {
            emitter.complete(HandlerResult.NONE);
        }
    }
}
