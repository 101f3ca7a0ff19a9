package dev.walmonitor.monitor;

import static dev.walmonitor.monitor.Statuses.streaming;
import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceProfile;
import dev.walmonitor.source.SourceState;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SourceWatchTest {
    private static final SourceProfile MAIN =
            new SourceProfile("main", "postgresql", "wal_monitor");

    private final List<Sighting> written = new ArrayList<>();
    private @Nullable LogGauges gauges = new LogGauges(0, 0, true);
    private Instant now = Statuses.SINCE;
    private Uni<Void> answer = Uni.createFrom().voidItem();
    private final SourceWatch watch =
            new SourceWatch(
                    MAIN,
                    () -> gauges,
                    (source, sighting) -> {
                        written.add(sighting);
                        return answer;
                    },
                    Runnable::run,
                    () -> now,
                    Pace.Limits.of(Duration.ofSeconds(1)));

    @Test
    void theFirstLookIsWritten() {
        watch.look(streaming("main").now());

        assertThat(written).extracting(Sighting::slot).containsExactly("wal_monitor");
        assertThat(written).extracting(Sighting::lagBytes).containsExactly(0L);
    }

    @Test
    void transactionsAreWrittenAtMostOnceASecond() {
        watch.look(streaming("main").now());
        for (int i = 1; i <= 30; i++) {
            passes(Duration.ofMillis(100));
            watch.look(streaming("main").committed(now).now());
        }

        assertThat(written).hasSize(1 + 3);
    }

    @Test
    void keepalivesAloneAreWrittenAtMostEveryTenSeconds() {
        watch.look(streaming("main").now());
        for (int i = 1; i <= 59; i++) {
            passes(Duration.ofSeconds(1));
            watch.look(streaming("main").received("0/" + (1000 + i)).now());
        }

        assertThat(written).hasSize(1 + 5);
    }

    @Test
    void lagAloneIsWrittenAtMostEveryTenSeconds() {
        watch.look(streaming("main").now());
        gauges = new LogGauges(4096, 4096, true);
        passes(Duration.ofSeconds(9));
        watch.look(streaming("main").now());
        assertThat(written).hasSize(1);

        passes(Duration.ofSeconds(1));
        watch.look(streaming("main").now());
        assertThat(written).extracting(Sighting::lagBytes).containsExactly(0L, 4096L);
    }

    @Test
    void whatDoesNotChangeIsCheckedOnceAMinute() {
        watch.look(streaming("main").failing(SourceState.FAILED, "No right.", null).now());
        for (int i = 1; i <= 119; i++) {
            passes(Duration.ofSeconds(1));
            watch.look(streaming("main").failing(SourceState.FAILED, "No right.", null).now());
        }

        assertThat(written).hasSize(2);
    }

    @Test
    void anotherStateIsWrittenAtOnce() {
        watch.look(streaming("main").now());
        watch.look(streaming("main").failing(SourceState.CONNECTING, "Refused.", null).now());
        watch.look(streaming("main").failing(SourceState.CONNECTING, "Not found.", null).now());
        watch.look(streaming("main").now());

        assertThat(written)
                .extracting(Sighting::error)
                .containsExactly(null, "Refused.", "Not found.", null);
    }

    @Test
    void aSourceThatTurnsIdleIsWrittenAtOnce() {
        watch.look(streaming("main").now());
        watch.look(streaming("main").in(SourceState.IDLE).now());
        watch.look(streaming("main").now());

        assertThat(written)
                .extracting(Sighting::status)
                .containsExactly(MonitorStatus.ACTIVE, MonitorStatus.IDLE, MonitorStatus.ACTIVE);
    }

    @Test
    void oneWriteIsUnderWayAtMostAndWhatChangedMeanwhileFollows() {
        List<UniEmitter<? super Void>> pending = new ArrayList<>();
        answer = Uni.createFrom().emitter(pending::add);
        watch.look(streaming("main").now());
        watch.look(streaming("main").failing(SourceState.CONNECTING, "Refused.", null).now());
        watch.look(streaming("main").failing(SourceState.CONNECTING, "Not found.", null).now());
        assertThat(written).hasSize(1);

        pending.get(0).complete(null);
        assertThat(written).extracting(Sighting::error).containsExactly(null, "Not found.");
    }

    @Test
    void aWriteThatFailedIsTriedAgainWithTheNextLook() {
        answer = Uni.createFrom().failure(new IllegalStateException("down"));
        watch.look(streaming("main").now());
        answer = Uni.createFrom().voidItem();
        watch.look(streaming("main").now());
        watch.look(streaming("main").now());

        assertThat(written).hasSize(2);
    }

    @Test
    void aRowThatAnotherInstanceHadIsWrittenAnew() {
        watch.look(streaming("main").now());
        watch.look(streaming("main").in(SourceState.STANDBY).now());
        assertThat(written).hasSize(1);

        watch.look(streaming("main").now());
        assertThat(written).hasSize(2);
    }

    @Test
    void aLagThatCannotBeAskedIsNotMadeUp() {
        gauges = null;
        watch.look(streaming("main").now());

        assertThat(written).allMatch(sighting -> Objects.isNull(sighting.lagBytes()));
    }

    private void passes(Duration time) {
        now = now.plus(time);
    }
}
