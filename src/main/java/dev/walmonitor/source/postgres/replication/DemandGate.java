package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.ChangeBatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Lets a batch through when somebody has asked for one, and keeps one back otherwise; whoever fills
 * it must stop then. Owned by the source's event loop; lives as long as the subscription, over any
 * number of connections.
 */
final class DemandGate implements Flow.Publisher<ChangeBatch> {

    /** Where the batches come from. */
    interface Filler {
        /** Somebody listens: begin. */
        void started();

        /** The gate was closed and is open again. */
        void opened();

        /** Nobody listens any more. */
        void cancelled();
    }

    private final Executor loop;
    private final Filler filler;
    private Flow.@Nullable Subscriber<? super ChangeBatch> subscriber;
    private long demand;
    private @Nullable ChangeBatch held;

    DemandGate(Executor loop, Filler filler) {
        this.loop = loop;
        this.filler = filler;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ChangeBatch> newcomer) {
        loop.execute(() -> {
            if (subscriber != null) {
                newcomer.onSubscribe(
                        new Flow.Subscription() {
                            @Override
                            public void request(long n) {}

                            @Override
                            public void cancel() {}
                        });
                newcomer.onError(new IllegalStateException("The source has a subscriber already"));
                return;
            }
            subscriber = newcomer;
            newcomer.onSubscribe(new Subscription());
            filler.started();
        });
    }

    /**
     * Hands over a batch.
     *
     * @return whether the gate is open for another one; if not, {@link Filler#opened} tells when it
     *     is
     */
    boolean push(ChangeBatch batch) {
        if (demand == 0 || held != null) {
            if (held != null) {
                throw new IllegalStateException("A batch was pushed at a closed gate");
            }
            held = batch;
            return false;
        }
        deliver(batch);
        return true;
    }

    /** Whether a batch may be pushed. */
    boolean isOpen() {
        return held == null;
    }

    void fail(Throwable failure) {
        if (subscriber != null) {
            Flow.Subscriber<? super ChangeBatch> s = subscriber;
            subscriber = null;
            s.onError(failure);
        }
    }

    void complete() {
        if (subscriber != null) {
            Flow.Subscriber<? super ChangeBatch> s = subscriber;
            subscriber = null;
            s.onComplete();
        }
    }

    private void deliver(ChangeBatch batch) {
        if (subscriber != null) {
            if (demand != Long.MAX_VALUE) {
                demand--;
            }
            subscriber.onNext(batch);
        }
    }

    private void request(long n) {
        demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
        ChangeBatch batch = held;
        if (batch != null) {
            held = null;
            deliver(batch);
            if (held == null) {
                filler.opened();
            }
        }
    }

    private final class Subscription implements Flow.Subscription {
        @Override
        public void request(long n) {
            loop.execute(() -> {
                if (n <= 0) {
                    fail(new IllegalArgumentException("Expected a demand of at least 1, got " + n));
                } else {
                    DemandGate.this.request(n);
                }
            });
        }

        @Override
        public void cancel() {
            loop.execute(() -> {
                subscriber = null;
                held = null;
                filler.cancelled();
            });
        }
    }
}
