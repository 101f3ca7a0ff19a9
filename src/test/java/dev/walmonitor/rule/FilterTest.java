package dev.walmonitor.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.RowChange;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FilterTest {
    private static final SampleTable FULL =
            SampleTable.of("public.tickets", ReplicaIdentity.FULL, "id*", "status", "body");

    @Test
    void withoutChangedColumnsEveryChangeOfTheEventsIsAccepted() {
        Filter inserts = filter(EnumSet.of(Operation.INSERT), Set.of());

        assertThat(inserts.accepts(FULL.insert(1, FULL.row("1", "new", "b")))).isTrue();
        assertThat(inserts.accepts(FULL.delete(1, FULL.row("1", "new", "b")))).isFalse();
    }

    @Test
    void ofTheUpdatesOnlyThoseThatChangedAColumnAreAccepted() {
        Filter status = filter(EnumSet.allOf(Operation.class), Set.of("status"));

        assertThat(status.accepts(update(FULL, "open", "b", "done", "b"))).isTrue();
        assertThat(status.accepts(update(FULL, "open", "b", "open", "other"))).isFalse();
        assertThat(status.accepts(FULL.insert(1, FULL.row("1", "new", "b")))).isTrue();
        assertThat(status.accepts(FULL.delete(1, FULL.row("1", "new", "b")))).isTrue();
        assertThat(status.accepts(FULL.truncate(1))).isTrue();
    }

    @Test
    void aLargeValueThatWasLeftOutHasNotChanged() {
        Filter body = filter(EnumSet.allOf(Operation.class), Set.of("body"));

        assertThat(body.accepts(update(FULL, "open", "large", "done", SampleTable.ABSENT)))
                .isFalse();
    }

    @Test
    void anOldValueThatWasNotSentMayHaveBeenAnotherOne() {
        SampleTable table =
                SampleTable.of("public.tickets", ReplicaIdentity.DEFAULT, "id*", "status");
        RowChange update = table.update(1, null, table.row("1", "open"));

        assertThat(filter(EnumSet.allOf(Operation.class), Set.of("status")).accepts(update))
                .isTrue();
        assertThat(filter(EnumSet.allOf(Operation.class), Set.of("id")).accepts(update)).isFalse();
    }

    @Test
    void aColumnThatTheTableNoLongerHasHasNotChanged() {
        assertThat(
                        filter(EnumSet.allOf(Operation.class), Set.of("gone"))
                                .accepts(update(FULL, "open", "b", "done", "b")))
                .isFalse();
    }

    private static RowChange update(
            SampleTable table, String status, String body, String newStatus, String newBody) {
        return table.update(1, table.row("1", status, body), table.row("1", newStatus, newBody));
    }

    private static Filter filter(Set<Operation> events, Set<String> changed) {
        return new Filter(List.of(TablePattern.parse("public.tickets")), events, changed);
    }
}
