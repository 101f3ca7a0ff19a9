package dev.walmonitor.source.postgres.pgoutput;

import static dev.walmonitor.change.ReplicaIdentity.DEFAULT;
import static dev.walmonitor.change.ReplicaIdentity.FULL;
import static dev.walmonitor.change.ReplicaIdentity.INDEX;
import static dev.walmonitor.change.ReplicaIdentity.NOTHING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaneKeyTest {

    @Test
    void f56_defaultGoesByTheFlagsForTheyAreThePrimaryKeyOfThatMoment() {
        assertThat(LaneKey.of(DEFAULT, flagged("a", "c"), null)).containsExactly(0, 2);
        assertThat(LaneKey.of(DEFAULT, flagged("a"), List.of("b"))).containsExactly(0);
        assertThat(LaneKey.of(DEFAULT, flagged(), null)).isEmpty();
    }

    @Test
    void f56_indexGoesByThePrimaryKeyIfItsOldValueIsAlwaysSent() {
        assertThat(LaneKey.of(INDEX, flagged("a", "b"), List.of("b"))).containsExactly(1);
    }

    @Test
    void f56_indexGoesByItsOwnColumnsIfThePrimaryKeyIsNotAmongThem() {
        assertThat(LaneKey.of(INDEX, flagged("b"), List.of("a"))).containsExactly(1);
        assertThat(LaneKey.of(INDEX, flagged("b"), List.of("a", "b"))).containsExactly(1);
        assertThat(LaneKey.of(INDEX, flagged("b"), List.of("b", "gone"))).containsExactly(1);
    }

    @Test
    void f56_indexGoesByItsOwnColumnsIfNoPrimaryKeyIsKnown() {
        assertThat(LaneKey.of(INDEX, flagged("b"), null)).containsExactly(1);
        assertThat(LaneKey.of(INDEX, flagged("b"), List.of())).containsExactly(1);
    }

    @Test
    void f56_fullGoesByThePrimaryKeyForItsFlagsSayNothing() {
        List<Column> all = flagged("a", "b", "c");

        assertThat(LaneKey.of(FULL, all, List.of("c", "a"))).containsExactly(0, 2);
        assertThat(LaneKey.of(FULL, all, null)).isEmpty();
        assertThat(LaneKey.of(FULL, all, List.of())).isEmpty();
    }

    @Test
    void f56_fullHasNoKeyIfPartOfThePrimaryKeyIsNotSent() {
        assertThat(LaneKey.of(FULL, flagged("a", "b", "c"), List.of("a", "hidden"))).isEmpty();
    }

    @Test
    void f56_nothingGoesByThePrimaryKeyIfItIsKnown() {
        assertThat(LaneKey.of(NOTHING, flagged(), List.of("b"))).containsExactly(1);
        assertThat(LaneKey.of(NOTHING, flagged(), null)).isEmpty();
    }

    /** Columns a, b and c, of which some belong to the replica identity. */
    private static List<Column> flagged(String... names) {
        Set<String> flagged = Set.of(names);
        List<Column> columns = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            columns.add(new Column(name, 25, -1, flagged.contains(name)));
        }
        return columns;
    }
}
