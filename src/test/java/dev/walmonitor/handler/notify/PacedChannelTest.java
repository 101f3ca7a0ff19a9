package dev.walmonitor.handler.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Rate;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PacedChannelTest {
    private static final Message MESSAGE = new Message(Recipient.ANYBODY, "t", "");

    private final List<Instant> sent = new CopyOnWriteArrayList<>();
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-01-01T12:00:00Z"));
    private @Nullable SinkException refusal;

    private final class Slow implements Channel {
        private final Optional<Rate> rate;

        private Slow(Optional<Rate> rate) {
            this.rate = rate;
        }

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public Optional<Rate> rate() {
            return rate;
        }

        @Override
        public Uni<Void> send(Message message) {
            sent.add(Instant.now());
            return refusal == null
                    ? Uni.createFrom().voidItem()
                    : Uni.createFrom().failure(refusal);
        }
    }

    @Test
    void messagesGoAtTheRateAndNoFaster() {
        PacedChannel channel =
                new PacedChannel(new Slow(Optional.of(Rate.parse("10/s"))), InstantSource.system());
        List<Uni<Void>> all = List.of(send(channel), send(channel), send(channel), send(channel));
        Uni.join().all(all).andFailFast().replaceWithVoid().await().atMost(Duration.ofSeconds(20));

        assertThat(sent).hasSize(4);
        assertThat(Duration.between(sent.getFirst(), sent.getLast()))
                .isGreaterThan(Duration.ofMillis(250));
    }

    @Test
    void whoAsksToBeLeftAloneIsNotAskedAgainBefore() {
        PacedChannel channel = new PacedChannel(new Slow(Optional.empty()), now::get);
        refusal = new SinkException("slow answered 429", Duration.ofSeconds(60));
        assertThatThrownBy(() -> wait(send(channel))).hasMessage("slow answered 429");
        refusal = null;
        now.updateAndGet(time -> time.plusSeconds(29));
        assertThatThrownBy(() -> wait(send(channel)))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isTrue())
                .hasMessage("Channel slow asked to be left alone for a while");
        assertThat(sent).hasSize(1);
        now.updateAndGet(time -> time.plusSeconds(31));
        wait(send(channel));

        assertThat(sent).hasSize(2);
    }

    @Test
    void whoAsksForLittlePatienceIsWaitedFor() {
        PacedChannel channel = new PacedChannel(new Slow(Optional.empty()), InstantSource.system());
        refusal = new SinkException("slow answered 429", Duration.ofMillis(300));
        assertThatThrownBy(() -> wait(send(channel))).hasMessage("slow answered 429");
        refusal = null;
        wait(send(channel));

        assertThat(Duration.between(sent.getFirst(), sent.getLast()))
                .isGreaterThan(Duration.ofMillis(250));
    }

    @Test
    void whatWouldWaitForLongFailsAtOnce() {
        PacedChannel channel = new PacedChannel(new Slow(Optional.of(Rate.parse("1/m"))), now::get);
        wait(send(channel));

        assertThatThrownBy(() -> wait(send(channel)))
                .hasMessage("Channel slow has more messages waiting than it takes in 30 s");
    }

    @Test
    void aRateIsReadOrRefusedWithWhatWasExpected() {
        assertThat(Rate.parse("4/s").interval()).isEqualTo(Duration.ofMillis(250));
        assertThat(Rate.parse(" 30 / m ").interval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(Rate.parse("1/h").interval()).isEqualTo(Duration.ofHours(1));
        for (String wrong : List.of("", "0/s", "1", "1/d", "-1/s")) {
            assertThatThrownBy(() -> Rate.parse(wrong))
                    .hasMessage(
                            "Expected a rate such as 1/s, 30/m or 1000/h, got \"" + wrong + "\"");
        }
    }

    private static Uni<Void> send(PacedChannel channel) {
        return channel.send(MESSAGE);
    }

    private static void wait(Uni<Void> sending) {
        sending.await().atMost(Duration.ofSeconds(20));
    }
}
