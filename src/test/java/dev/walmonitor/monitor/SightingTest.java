package dev.walmonitor.monitor;

import static dev.walmonitor.monitor.Statuses.streaming;
import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.SourceState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SightingTest {

    @Test
    void aStreamingSourceWithChangesIsActive() {
        assertThat(Sighting.of(streaming("main").now(), "wal_monitor", 42L))
                .isEqualTo(
                        new Sighting(
                                Lsn.parse("0/1000"),
                                Statuses.SINCE,
                                Statuses.COMMIT,
                                "wal_monitor",
                                42L,
                                MonitorStatus.ACTIVE,
                                null));
    }

    @Test
    void aStreamingSourceWithoutChangesIsIdle() {
        assertThat(sighting(streaming("main").in(SourceState.IDLE)))
                .returns(MonitorStatus.IDLE, Sighting::status)
                .returns(null, Sighting::error);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "CONNECTING",
                "STALLED",
                "FAILED",
                "SLOT_MISSING",
                "SLOT_LOST",
                "PUBLICATION_MISSING",
                "GAP_SUSPECTED",
                "IDENTITY_MISMATCH",
                "POISONED",
                "STOPPING"
            })
    void aFailureIsAnErrorWithSentenceAndRemedy(SourceState state) {
        assertThat(sighting(streaming("main").failing(state, "The slot is gone.", "Run reset.")))
                .returns(MonitorStatus.ERROR, Sighting::status)
                .returns("The slot is gone. Run reset.", Sighting::error);
    }

    @Test
    void aStalledSourceIsAnErrorEvenIfItNamesNoFailure() {
        assertThat(sighting(streaming("main").in(SourceState.STALLED)))
                .returns(MonitorStatus.ERROR, Sighting::status)
                .returns(
                        "The source \"main\" is STALLED since 2026-11-01T10:00:00Z.",
                        Sighting::error);
    }

    @ParameterizedTest
    @EnumSource(names = {"STANDBY", "CONNECTING", "STOPPING"})
    void aRowThatIsNotOursToWriteIsLeftAlone(SourceState state) {
        assertThat(sighting(streaming("main").in(state))).isNull();
    }

    private static @Nullable Sighting sighting(Statuses status) {
        return Sighting.of(status.now(), "wal_monitor", 42L);
    }
}
