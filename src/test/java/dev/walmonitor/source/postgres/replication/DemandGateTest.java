package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.ChangeBatch;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemandGateTest {
    private final List<String> log = new ArrayList<>();
    private final DemandGate gate = new DemandGate(Runnable::run, new Recorder());

    private static ChangeBatch batch() {
        return new ChangeBatch(List.of());
    }

    private AssertSubscriber<ChangeBatch> subscribe(long demand) {
        return Multi.createFrom()
                .publisher(gate)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(demand));
    }

    @Test
    void startsWhenSomebodyListens() {
        AssertSubscriber<ChangeBatch> subscriber = subscribe(0);

        assertThat(log).containsExactly("started");
        subscriber.assertHasNotReceivedAnyItem();
    }

    @Test
    void letsThroughAsManyBatchesAsWereAskedForAndKeepsTheNextOne() {
        AssertSubscriber<ChangeBatch> subscriber = subscribe(2);

        assertThat(gate.push(batch())).isTrue();
        assertThat(gate.push(batch())).isTrue();
        assertThat(gate.push(batch())).isFalse();
        assertThat(subscriber.getItems()).hasSize(2);
        assertThat(gate.isOpen()).isFalse();

        subscriber.request(1);
        assertThat(subscriber.getItems()).hasSize(3);
        assertThat(gate.isOpen()).isTrue();
        assertThat(log).containsExactly("started", "opened");
    }

    @Test
    void aBatchPushedAtAClosedGateIsAMistakeOfTheCaller() {
        AssertSubscriber<ChangeBatch> subscriber = subscribe(0);
        assertThat(gate.push(batch())).isFalse();

        assertThatThrownBy(() -> gate.push(batch()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("A batch was pushed at a closed gate");
        subscriber.assertHasNotReceivedAnyItem();
    }

    @Test
    void aCancelledSubscriptionForgetsWhatWasKept() {
        AssertSubscriber<ChangeBatch> subscriber = subscribe(0);
        assertThat(gate.push(batch())).isFalse();
        subscriber.cancel();

        assertThat(gate.isOpen()).isTrue();
        assertThat(log).containsExactly("started", "cancelled");
    }

    @Test
    void aSecondSubscriberIsRefused() {
        subscribe(1).assertNotTerminated();

        subscribe(1)
                .assertFailedWith(
                        IllegalStateException.class, "The source has a subscriber already");
    }

    private final class Recorder implements DemandGate.Filler {
        @Override
        public void started() {
            log.add("started");
        }

        @Override
        public void opened() {
            log.add("opened");
        }

        @Override
        public void cancelled() {
            log.add("cancelled");
        }
    }
}
