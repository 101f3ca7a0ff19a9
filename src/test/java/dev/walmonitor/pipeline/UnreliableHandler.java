package dev.walmonitor.pipeline;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.AbstractUni;
import io.smallrye.mutiny.subscription.UniSubscriber;
import java.time.Duration;
import java.util.Random;

/** Ends sooner or later, on this thread or another, well or badly, once or twice. */
final class UnreliableHandler implements ChangeHandler {
    private final Rule rule;
    private final Ledger ledger;
    private final ManualLoop loop;
    private final Random random;
    private final int failures;
    private final boolean slow;
    private boolean faulty = true;

    UnreliableHandler(Rule rule, Ledger ledger, ManualLoop loop, Random random) {
        this.rule = rule;
        this.ledger = ledger;
        this.loop = loop;
        this.random = random;
        this.failures = random.nextInt(3) == 0 ? 0 : random.nextInt(50);
        this.slow = random.nextBoolean();
    }

    /** From now on nothing fails. */
    void calm() {
        faulty = false;
    }

    @Override
    public boolean ordered() {
        return isOrdered(rule);
    }

    /** Of a rule of the model, by its action. */
    static boolean isOrdered(Rule rule) {
        return !rule.action().equals("in any order");
    }

    private boolean fails() {
        return faulty && random.nextInt(100) < failures;
    }

    @Override
    @SuppressWarnings("NullAway") // handlers of the world return null too
    public Uni<HandlerResult> handle(RowChange change) {
        ledger.begun(rule, change);
        if (fails() && random.nextBoolean()) {
            ledger.failed(rule, change);
            return switch (random.nextInt(4)) {
                case 0 -> throw new IllegalStateException("thrown");
                case 1 -> throw new AssertionError("thrown");
                case 2 -> null;
                default -> Uni.createFrom().failure(new IllegalStateException("failed"));
            };
        }
        return new AbstractUni<>() {
            @Override
            public void subscribe(UniSubscriber<? super HandlerResult> subscriber) {
                subscriber.onSubscribe(() -> {});
                answerSometime(change, subscriber);
            }
        };
    }

    private void answerSometime(RowChange change, UniSubscriber<? super HandlerResult> subscriber) {
        if (random.nextInt(4) == 0) {
            answer(change, subscriber);
        } else if (random.nextBoolean()) {
            loop.schedule(delay(), () -> answer(change, subscriber));
        } else {
            loop.schedule(delay(), () -> loop.elsewhere(() -> answer(change, subscriber)));
        }
    }

    private Duration delay() {
        return Duration.ofMillis(
                slow && random.nextInt(10) == 0 ? random.nextInt(4_000) : random.nextInt(30));
    }

    @SuppressWarnings("NullAway") // handlers of the world complete with null too
    private void answer(RowChange change, UniSubscriber<? super HandlerResult> subscriber) {
        if (fails()) {
            ledger.failed(rule, change);
            subscriber.onFailure(new IllegalStateException("failed later"));
        } else {
            ledger.done(rule, change);
            subscriber.onItem(random.nextInt(5) == 0 ? null : HandlerResult.of("done"));
            if (faulty && random.nextInt(10) == 0) {
                subscriber.onItem(HandlerResult.NONE);
            }
        }
    }

    @Override
    public Uni<HandlerResult> warm() {
        if (fails()) {
            throw new IllegalStateException("thrown at the start");
        }
        return Uni.createFrom().item(HandlerResult.NONE);
    }
}
