package dev.walmonitor.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.ReplicaIdentity;
import org.junit.jupiter.api.Test;

class ConjunctsTest {

    @Test
    void aChainIsItsParts() {
        assertThat(Conjuncts.of("a && (b || c)&& [\"x\"].exists(t, t == 'a && b')"))
                .containsExactly("a", "(b || c)", "[\"x\"].exists(t, t == 'a && b')");
        assertThat(Conjuncts.of("a == \"\\\" && \" && b == r'\\' && c"))
                .containsExactly("a == \"\\\" && \"", "b == r'\\'", "c");
        assertThat(Conjuncts.of("a")).containsExactly("a");
    }

    @Test
    void whatIsMadeOtherwiseIsOnePart() {
        for (String whole :
                new String[] {
                    "a && b || c", "a && b ? c : d", "a && // b\n c", "a && b == '''&&'''"
                }) {
            assertThat(Conjuncts.of(whole)).containsExactly(whole);
        }
    }

    @Test
    void thePartsThatAreNotTrueAreTold() throws Exception {
        SampleTable table = SampleTable.of("public.t", ReplicaIdentity.FULL, "id*", "state", "due");
        var change = table.update(1, table.row("1", "open", null), table.row("1", "done", null));

        assertThat(
                        Condition.parse(
                                        "after.state == \"open\" && changed(\"state\") && after.due < \"x\"")
                                .untrue(change))
                .containsExactly("after.state == \"open\"", "after.due < \"x\"");
        assertThat(Condition.parse("after.state == \"open\"").untrue(change))
                .containsExactly("after.state == \"open\"");
        assertThat(Condition.parse("after.id == \"2\" || after.state == \"open\"").untrue(change))
                .containsExactly("after.id == \"2\" || after.state == \"open\"");
    }
}
