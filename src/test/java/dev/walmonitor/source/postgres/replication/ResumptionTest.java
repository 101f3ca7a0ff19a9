package dev.walmonitor.source.postgres.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.replication.Resumption.Circumstances;
import dev.walmonitor.source.postgres.replication.Resumption.Go;
import dev.walmonitor.source.postgres.replication.Resumption.Known;
import dev.walmonitor.source.postgres.replication.Resumption.Make;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every case in which a stream goes on, starts afresh with a gap, or waits for an operator. */
class ResumptionTest {
    private static final LogIdentity FIRST = new LogIdentity("7345", 1, 1);
    private static final Remedies REMEDIES =
            new Remedies("main", Follower.options("orders"), "db:5432/app");

    private Server server = server("7345", 1, 0x900, false);
    private SlotSeen slot = new SlotSeen.There(lsn(0x100), false);
    private @Nullable Known known = new Known(FIRST, lsn(0x150));
    private @Nullable Lsn branchedAt;
    private @Nullable String unusable;
    private boolean mayRebuild;
    private boolean resume = true;

    private static Lsn lsn(long value) {
        return new Lsn(value);
    }

    private static Server server(String system, long timeline, long end, boolean standby) {
        return new Server(
                system, timeline, lsn(end), 180_006, Duration.ofSeconds(10), standby, "UTF8");
    }

    private Resumption decide() {
        return Resumption.of(
                new Circumstances(server, slot, known, branchedAt, unusable, 1, mayRebuild, resume),
                REMEDIES);
    }

    private void refused(SourceState state, String sentence) {
        assertThatThrownBy(this::decide)
                .isInstanceOfSatisfying(
                        ReplicationException.class,
                        refusal -> {
                            SourceFailure failure = refusal.failure();
                            assertThat(failure.state()).isEqualTo(state);
                            assertThat(failure.sentence()).isEqualTo(sentence);
                            assertThat(failure.retry()).isEqualTo(SourceFailure.Retry.SLOWLY);
                        });
    }

    private static LogIdentity epoch(long number) {
        return new LogIdentity("7345", 1, number);
    }

    @Test
    void theFirstStartMakesTheSlotAndNothingIsLost() {
        known = null;
        slot = new SlotSeen.Missing();

        assertThat(decide()).isEqualTo(new Make(false, FIRST, null, null));
        assertThat(new Make(false, FIRST, null, null).from(lsn(0x200)))
                .isEqualTo(new Go(lsn(0x200), FIRST, null));
    }

    @Test
    void theFirstStartAdoptsASlotThatIsThere() {
        known = null;

        assertThat(decide()).isEqualTo(new Go(lsn(0x100), FIRST, null));
    }

    @Test
    void f05_goesOnWhereWhatIsDoneEnds() {
        assertThat(decide()).isEqualTo(new Go(lsn(0x150), FIRST, null));
        known = new Known(epoch(7), lsn(0x100));
        assertThat(decide()).isEqualTo(new Go(lsn(0x100), epoch(7), null));
    }

    @Test
    void f19_aSlotThatIsGoneWaitsForAnOperatorOrIsMadeAnewWithAGap() {
        slot = new SlotSeen.Missing();
        refused(
                SourceState.SLOT_MISSING,
                "Slot orders on db:5432/app was dropped after it had been in use.");
        mayRebuild = true;

        assertThat(decide())
                .isEqualTo(
                        new Make(false, epoch(2), lsn(0x150), "The slot was not there any more."));
        assertThat(((Make) decide()).from(lsn(0x300)))
                .isEqualTo(
                        new Go(
                                lsn(0x300),
                                epoch(2),
                                Gap.of(
                                        lsn(0x150),
                                        lsn(0x300),
                                        "The slot was not there any more.")));
    }

    @Test
    void f19_afterAPromotionWithoutTheSlotTheSentenceSaysSo() {
        server = server("7345", 2, 0x900, false);
        slot = new SlotSeen.Missing();
        refused(
                SourceState.SLOT_MISSING,
                "The server was promoted (timeline 2) without slot orders.");
        mayRebuild = true;

        assertThat(decide())
                .isEqualTo(
                        new Make(
                                false,
                                new LogIdentity("7345", 2, 2),
                                lsn(0x150),
                                "The slot was not there any more."));
    }

    @Test
    void f40_aSlotThatWasGivenUpSaysWhyAndIsDroppedBeforeAnother() {
        slot = new SlotSeen.Lost("wal_removed");
        refused(
                SourceState.SLOT_LOST,
                "The server has given up slot orders: log that it had not read was removed"
                        + " (max_slot_wal_keep_size).");
        slot = new SlotSeen.Lost("idle_timeout");
        refused(
                SourceState.SLOT_LOST,
                "The server has given up slot orders: nobody read from it for too long"
                        + " (idle_replication_slot_timeout).");
        mayRebuild = true;

        assertThat(decide())
                .isEqualTo(
                        new Make(
                                true,
                                epoch(2),
                                lsn(0x150),
                                "The server had given the slot up (idle_timeout)."));
        known = null;
        assertThat(decide())
                .isEqualTo(
                        new Make(
                                true,
                                FIRST,
                                null,
                                "The server had given the slot up (idle_timeout)."));
    }

    @Test
    void f42_aSlotThatMovedOnWithoutUsIsAGap() {
        slot = new SlotSeen.There(lsn(0x400), true);
        refused(
                SourceState.GAP_SUSPECTED,
                "Slot orders stands at 0/400, but changes are done only up to 0/150: somebody else has"
                        + " read from it, or made it anew.");
        mayRebuild = true;

        assertThat(decide())
                .isEqualTo(
                        new Go(
                                lsn(0x400),
                                epoch(2),
                                Gap.of(
                                        lsn(0x150),
                                        lsn(0x400),
                                        "The slot has moved on without us: somebody else read from it, or made it"
                                                + " anew.")));
    }

    @Test
    void f21_anotherClusterIsRefusedWhateverMayBeRebuilt() {
        mayRebuild = true;
        server = server("9999", 1, 0x900, false);

        refused(
                SourceState.IDENTITY_MISMATCH,
                "Another database cluster answers at db:5432/app than before (system identifier 9999"
                        + " instead of 7345).");
    }

    @Test
    void f21_anOlderStateOfTheSameClusterIsRefused() {
        mayRebuild = true;
        server = server("7345", 1, 0x140, false);

        refused(
                SourceState.IDENTITY_MISMATCH,
                "The log of the server at db:5432/app ends at 0/140, before 0/150, which is done already:"
                        + " it was restored from an older state.");
    }

    @Test
    void f21_aPrimaryThatWasReplacedIsRefused() {
        mayRebuild = true;
        known = new Known(new LogIdentity("7345", 3, 2), lsn(0x150));

        refused(
                SourceState.IDENTITY_MISMATCH,
                "The server at db:5432/app is on timeline 1, and timeline 3 was followed already: it is a"
                        + " primary that was replaced, or was restored.");
    }

    @Test
    void aStandbyThatHasNotReplayedSoFarIsWaitedFor() {
        server = server("7345", 1, 0x140, true);

        assertThatThrownBy(this::decide)
                .isInstanceOfSatisfying(
                        ReplicationException.class,
                        refusal -> {
                            assertThat(refusal.failure().state()).isEqualTo(SourceState.CONNECTING);
                            assertThat(refusal.failure().retry())
                                    .isEqualTo(SourceFailure.Retry.SOON);
                        });
    }

    @Test
    void f20_afterACleanFailOverTheSlotGoesOnInANewEpoch() {
        server = server("7345", 2, 0x900, false);
        branchedAt = lsn(0x150);

        assertThat(decide()).isEqualTo(new Go(lsn(0x150), new LogIdentity("7345", 2, 2), null));
    }

    @Test
    void f20_whatAFailOverHasUndoneIsToldAndTheSlotGoesOnFromItsOwnPlace() {
        server = server("7345", 2, 0x900, false);
        branchedAt = lsn(0x120);

        assertThat(decide())
                .isEqualTo(
                        new Go(
                                lsn(0x100),
                                new LogIdentity("7345", 2, 2),
                                Gap.of(
                                        lsn(0x120),
                                        lsn(0x150),
                                        "The server was promoted without these changes, which had been handled: they"
                                                + " are undone.")));
    }

    @Test
    void f20_whereTheBranchIsNotKnownTheWorstIsTakenForGranted() {
        server = server("7345", 2, 0x120, false);

        assertThat(decide())
                .isEqualTo(
                        new Go(
                                lsn(0x100),
                                new LogIdentity("7345", 2, 2),
                                Gap.of(
                                        lsn(0x100),
                                        lsn(0x150),
                                        "The server was promoted without these changes, which had been handled: they"
                                                + " are undone.")));
    }

    @Test
    void f59_aSlotThatCannotBeReadAnyFurtherIsMadeAnewIfItMay() {
        unusable = "The publication was missing.";
        assertThat(decide()).as("tried again").isEqualTo(new Go(lsn(0x150), FIRST, null));
        mayRebuild = true;

        assertThat(decide())
                .isEqualTo(new Make(true, epoch(2), lsn(0x150), "The publication was missing."));
        known = null;
        assertThat(decide())
                .isEqualTo(new Make(true, FIRST, lsn(0x100), "The publication was missing."));
    }

    @Test
    void withoutResumingTheStreamStartsAtThePresentEndWithAGap() {
        resume = false;
        String reason = "The source is set to start at the present end of the log.";

        assertThat(decide())
                .isEqualTo(new Go(lsn(0x900), FIRST, Gap.of(lsn(0x150), lsn(0x900), reason)));
        known = null;
        assertThat(decide())
                .isEqualTo(new Go(lsn(0x900), FIRST, Gap.of(lsn(0x100), lsn(0x900), reason)));
    }

    @Test
    void whatTellsMoreIsTheLaterEpochAndThenTheLaterPosition() {
        Known early = new Known(FIRST, lsn(0x500));
        Known late = new Known(epoch(2), lsn(0x100));

        assertThat(Known.later(early, late)).isSameAs(late);
        assertThat(Known.later(late, early)).isSameAs(late);
        assertThat(Known.later(new Known(FIRST, lsn(1)), early)).isSameAs(early);
        assertThat(Known.later(early, new Known(FIRST, lsn(1)))).isSameAs(early);
        assertThat(Known.later(early, null)).isSameAs(early);
        assertThat(Known.later(null, null)).isNull();
    }

    @Test
    void theBranchIsReadFromTheHistoryOfTheTimeline() {
        String history =
                "1\t0/3000148\tno recovery target specified\n\n2\t16/B374D848\tbefore 2026-01-01\n";

        assertThat(TimelineHistory.branch(history, 1)).isEqualTo(Lsn.parse("0/3000148"));
        assertThat(TimelineHistory.branch(history, 2)).isEqualTo(Lsn.parse("16/B374D848"));
        assertThat(TimelineHistory.branch(history, 3)).isNull();
    }
}
