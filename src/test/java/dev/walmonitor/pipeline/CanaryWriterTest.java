package dev.walmonitor.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.SourceState;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CanaryWriterTest {
    private final TestLine line = new TestLine();
    private final FakeSource source = line.source;
    private int looks;
    private final CanaryWriter canary =
            new CanaryWriter(
                    source, line.liveness, line.loop, Duration.ofSeconds(5), "me", () -> looks++);

    private void start() {
        line.start();
        line.pipeline().whenBegun(canary::begun);
        canary.start();
    }

    private void arrives(String token, long at) {
        source.tell(
                new ChangeEvent.Message(null, new Lsn(at), "wal_monitor", token.getBytes(UTF_8)));
    }

    private SourceState state() {
        return line.pipeline().status().source().state();
    }

    @Test
    void isWrittenAsSoonAsAStreamBegins() {
        start();
        source.tell(Events.resumed(1));

        assertThat(source.marks).containsExactly("me 1");
        assertThat(state()).isEqualTo(SourceState.CONNECTING);
        line.loop.pass(Duration.ofMillis(30));
        arrives("me 1", 5);
        assertThat(line.told).containsExactly("proved within 30 ms");
        assertThat(state()).isEqualTo(SourceState.STREAMING);
    }

    @Test
    void isWrittenAgainAndAgainButNotWhileOneIsUnderWay() {
        start();
        source.tell(Events.resumed(1));
        line.loop.pass(Duration.ofSeconds(14));
        assertThat(source.marks).containsExactly("me 1");
        assertThat(looks).isEqualTo(2);
        arrives("me 1", 5);
        line.loop.pass(Duration.ofSeconds(5));

        assertThat(source.marks).containsExactly("me 1", "me 2");
    }

    @Test
    void oneThatIsLostIsFollowedByAnother() {
        start();
        source.tell(Events.resumed(1));
        line.loop.pass(Duration.ofSeconds(20));

        assertThat(source.marks).containsExactly("me 1", "me 2");
        assertThat(state()).isEqualTo(SourceState.STALLED);
        arrives("me 1", 5);
        assertThat(line.told).as("too late").isEmpty();
        arrives("me 2", 6);
        assertThat(line.told).hasSize(1);
        assertThat(state()).isEqualTo(SourceState.STREAMING);
    }

    @Test
    void whatKeepsItFromBeingWrittenIsToldWhenNothingComes() {
        source.marked = Uni.createFrom().failure(new IllegalStateException("read only"));
        start();
        source.tell(Events.resumed(1));
        line.loop.pass(Duration.ofSeconds(20));

        assertThat(line.pipeline().status().source().failure())
                .isNotNull()
                .extracting(failure -> failure.sentence())
                .isEqualTo(
                        "Nothing has come for more than 15 s, and no canary can be written: read only");
        source.tell(Events.progress(9));
        assertThat(state()).isEqualTo(SourceState.STREAMING);
    }

    @Test
    void isNotWrittenAnyMoreOnceItIsStopped() {
        start();
        canary.stop();
        source.tell(Events.resumed(1));
        line.loop.pass(Duration.ofSeconds(60));

        assertThat(source.marks).isEmpty();
    }
}
