package dev.walmonitor.monitor.alert;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.monitor.Statuses;
import dev.walmonitor.monitor.alert.Finding.Fine;
import dev.walmonitor.monitor.alert.Finding.Unknown;
import dev.walmonitor.monitor.alert.Finding.Verdict;
import dev.walmonitor.monitor.alert.Finding.Wrong;
import dev.walmonitor.monitor.alert.Judge.Sentence;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JudgeTest {
    private static final AlertKey LAG = new AlertKey("main", AlertKind.LAG, "");
    private static final AlertKey ERROR = new AlertKey("orders", AlertKind.MONITOR_ERROR, "");
    private static final Wrong WRONG = new Wrong("It is wrong.", "Mend it.");
    private static final Sentence NOTHING = new Sentence(Map.of(), List.of());

    private final Judge judge = new Judge(Duration.ofSeconds(30));
    private Instant now = Statuses.SINCE;
    private Set<AlertKey> active = Set.of();

    @Test
    void whatLastsIsRaised() {
        assertThat(found(LAG, WRONG)).isEqualTo(NOTHING);
        passes(29);
        assertThat(found(LAG, WRONG)).isEqualTo(NOTHING);
        passes(1);
        assertThat(found(LAG, WRONG)).isEqualTo(new Sentence(Map.of(LAG, WRONG), List.of()));
    }

    @Test
    void whatComesAndGoesIsNot() {
        assertThat(found(LAG, WRONG)).isEqualTo(NOTHING);
        passes(20);
        assertThat(found(LAG, new Fine())).isEqualTo(NOTHING);
        passes(20);
        assertThat(found(LAG, WRONG)).isEqualTo(NOTHING);
    }

    @Test
    void aMomentInWhichNothingIsKnownDoesNotBeginAnew() {
        assertThat(found(LAG, WRONG)).isEqualTo(NOTHING);
        passes(20);
        assertThat(found(LAG, new Unknown())).isEqualTo(NOTHING);
        passes(10);
        assertThat(found(LAG, WRONG).raised()).containsOnlyKeys(LAG);
    }

    @Test
    void whatIsRaisedIsNotRaisedAgain() {
        active = Set.of(LAG);
        assertThat(found(LAG, WRONG)).isEqualTo(NOTHING);
        passes(100);
        assertThat(found(LAG, WRONG)).isEqualTo(NOTHING);
        assertThat(found(LAG, new Unknown())).isEqualTo(NOTHING);
    }

    @Test
    void whatStaysGoneIsCleared() {
        active = Set.of(LAG);
        assertThat(found(LAG, new Fine())).isEqualTo(NOTHING);
        passes(20);
        assertThat(found(LAG, WRONG)).as("it is not over").isEqualTo(NOTHING);
        passes(20);
        assertThat(found(LAG, new Fine())).isEqualTo(NOTHING);
        passes(30);
        assertThat(found(LAG, new Fine())).isEqualTo(new Sentence(Map.of(), List.of(LAG)));
    }

    @Test
    void aFactIsRaisedAtOnce() {
        assertThat(found(ERROR, WRONG).raised()).containsOnlyKeys(ERROR);
    }

    @Test
    void whatIsNotFoundAnyMoreIsOverIfItIsOursToSay() {
        active = Set.of(LAG, ERROR);
        assertThat(judge.judge(List.of(), active, ERROR::equals, now)).isEqualTo(NOTHING);
        passes(30);
        assertThat(judge.judge(List.of(), active, ERROR::equals, now))
                .isEqualTo(new Sentence(Map.of(), List.of(ERROR)));
    }

    private void passes(int seconds) {
        now = now.plusSeconds(seconds);
    }

    private Sentence found(AlertKey key, Verdict verdict) {
        return judge.judge(
                List.of(new Finding(key, verdict, key.equals(ERROR))), active, none -> false, now);
    }
}
