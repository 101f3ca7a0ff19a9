package dev.walmonitor.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import org.junit.jupiter.api.Test;

class BroadcastTest {
    private final Broadcast<String> broadcast = new Broadcast<>();

    private AssertSubscriber<String> listen(long demand) {
        return broadcast.news().subscribe().withSubscriber(AssertSubscriber.create(demand));
    }

    @Test
    void tellsEveryListenerWhatComesAfterItsSubscription() {
        AssertSubscriber<String> early = listen(10);
        broadcast.tell("one");
        AssertSubscriber<String> late = listen(10);
        broadcast.tell("two");

        assertThat(early.getItems()).containsExactly("one", "two");
        assertThat(late.getItems()).containsExactly("two");
    }

    @Test
    void aListenerThatDoesNotKeepUpLosesNewsAndHoldsUpNobody() {
        AssertSubscriber<String> slow = listen(1);
        AssertSubscriber<String> quick = listen(10);
        broadcast.tell("one");
        broadcast.tell("two");
        slow.request(1);
        broadcast.tell("three");

        assertThat(slow.getItems()).containsExactly("one", "three");
        assertThat(quick.getItems()).containsExactly("one", "two", "three");
    }

    @Test
    void knowsWhetherAnybodyListens() {
        assertThat(broadcast.isHeard()).isFalse();
        AssertSubscriber<String> listener = listen(1);
        assertThat(broadcast.isHeard()).isTrue();

        listener.cancel();
        assertThat(broadcast.isHeard()).isFalse();
    }
}
