package dev.walmonitor.checker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Operation;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TestDecodingTest {

    @Test
    void readsAnUpdateOfAKey() {
        assertThat(
                        TestDecoding.read(
                                "table s1.t2: UPDATE: old-key: a[integer]:1 b[character varying]:'x y' new-tuple:"
                                        + " a[integer]:2 b[character varying]:'it''s' n[text]:null big[text]:unchanged-toast-datum",
                                "s1"))
                .containsExactly(
                        new Fact(
                                "t2",
                                Operation.UPDATE,
                                Map.of("a", "1", "b", "x y"),
                                Map.of("a", "2", "b", "it's", "n", Fact.NULL)));
    }

    @Test
    void readsADeleteAndAnInsert() {
        assertThat(TestDecoding.read("table s1.t: DELETE: a[integer]:-7", "s1"))
                .containsExactly(new Fact("t", Operation.DELETE, Map.of("a", "-7"), Map.of()));
        assertThat(TestDecoding.read("table s1.t: INSERT: p[text]:'new-tuple:' v[bigint]:3", "s1"))
                .containsExactly(
                        new Fact(
                                "t",
                                Operation.INSERT,
                                Map.of(),
                                Map.of("p", "new-tuple:", "v", "3")));
    }

    @Test
    void readsATruncateOfSeveralTables() {
        assertThat(TestDecoding.read("table s1.t, s2.u, s1.w: TRUNCATE: restart_seqs", "s1"))
                .extracting(Fact::table)
                .containsExactly("t", "w");
    }

    @Test
    void passesWhatIsOfAnotherSchemaOrOfNoTransaction() {
        assertThat(TestDecoding.read("table s11.t: DELETE: a[integer]:7", "s1")).isEmpty();
        assertThat(TestDecoding.read("message: transactional: 0 prefix: p, sz: 1 content:x", "s1"))
                .isEmpty();
    }

    @Test
    void givesAMessageItsOrdinal() {
        assertThat(TestDecoding.read("message: transactional: 1 prefix: p, sz: 1 content:x", "s1"))
                .containsExactly(Fact.MESSAGE);
    }
}
