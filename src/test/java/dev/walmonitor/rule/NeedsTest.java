package dev.walmonitor.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NeedsTest {

    @Test
    void whatATableSendsIsNoFault() {
        SampleTable full = SampleTable.of("public.tickets", ReplicaIdentity.FULL, "id*", "status");
        SampleTable byKey =
                SampleTable.of("public.tickets", ReplicaIdentity.DEFAULT, "id*", "status");

        assertThat(faults(full, EnumSet.allOf(Operation.class), "status", "status")).isEmpty();
        assertThat(faults(byKey, EnumSet.allOf(Operation.class), "id", "id")).isEmpty();
        assertThat(faults(byKey, EnumSet.of(Operation.INSERT), "status", "status")).isEmpty();
        assertThat(faults(byKey, EnumSet.of(Operation.UPDATE), "status", "id")).isEmpty();
    }

    @Test
    void aMissingColumnIsToldWithTheNearestOne() {
        SampleTable table = SampleTable.of("public.tickets", ReplicaIdentity.FULL, "id*", "status");

        assertThat(faults(table, EnumSet.of(Operation.INSERT), "statsu", "id"))
                .containsExactly(
                        "Rule \"r\": table public.tickets has no column \"statsu\"; did you mean \"status\"?");
        assertThat(faults(table, EnumSet.of(Operation.INSERT), "assignee", "id"))
                .containsExactly(
                        "Rule \"r\": table public.tickets has no column \"assignee\"; there is: id, status.");
    }

    @Test
    void anOldValueThatIsNotSentIsToldWithTheStatementThatMendsIt() {
        SampleTable table =
                SampleTable.of("Shop.Order Lines", ReplicaIdentity.DEFAULT, "id*", "a", "b");

        assertThat(faults(table, EnumSet.of(Operation.UPDATE), "id", "a"))
                .containsExactly(
                        "Rule \"r\": it needs the old a of an UPDATE, which table Shop.Order Lines"
                                + " does not send. Mend it with: ALTER TABLE \"Shop\".\"Order Lines\""
                                + " REPLICA IDENTITY FULL;");
        assertThat(faults(table, EnumSet.of(Operation.DELETE), "a", "b"))
                .containsExactly(
                        "Rule \"r\": it needs the old a, b of a DELETE, which table Shop.Order Lines"
                                + " does not send. Mend it with: ALTER TABLE \"Shop\".\"Order Lines\""
                                + " REPLICA IDENTITY FULL; or leave delete out of the rule's events.");
    }

    @Test
    void underReplicaIdentityNothingNotEvenTheKeyIsSent() {
        SampleTable table = SampleTable.of("public.t", ReplicaIdentity.NOTHING, "id*");

        assertThat(faults(table, EnumSet.of(Operation.DELETE), "id", "id")).hasSize(1);
    }

    private static List<String> faults(
            SampleTable table, Set<Operation> events, String there, String before) {
        Filter filter = new Filter(List.of(TablePattern.parse("*.*")), events);
        Rule rule = new Rule("r", "test", "main", filter, Rule.Retry.DEFAULT);
        return new Needs(Set.of(there), Set.of(before))
                .faults(rule, List.of(table.relation())).stream().map(Fault::message).toList();
    }
}
