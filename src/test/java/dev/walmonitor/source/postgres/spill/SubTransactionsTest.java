package dev.walmonitor.source.postgres.spill;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SubTransactionsTest {
    private final SubTransactions subs = new SubTransactions();

    @Test
    void cutsWhereASubTransactionBegan() {
        subs.seen(2, 100);
        subs.seen(2, 200);

        assertThat(subs.rolledBack(2, 300)).isEqualTo(100);
    }

    @Test
    void whatItNeverSawCutsNothing() {
        subs.seen(2, 100);

        assertThat(subs.rolledBack(3, 300)).isEqualTo(300);
        assertThat(subs.rolledBack(2, 300)).isEqualTo(100);
        assertThat(subs.rolledBack(2, 100)).isEqualTo(100);
    }

    @Test
    void oneThatIsRolledBackTakesWithItThoseWithin() {
        subs.seen(2, 100);
        subs.seen(3, 200);
        subs.seen(2, 300);
        subs.seen(4, 400);

        assertThat(subs.rolledBack(3, 500)).isEqualTo(200);
        assertThat(subs.rolledBack(4, 200)).isEqualTo(200);
        assertThat(subs.rolledBack(2, 200)).isEqualTo(100);
    }

    @Test
    void numbersWrapAround() {
        subs.seen(-1, 100);
        subs.seen(3, 200);

        assertThat(subs.rolledBack(3, 300)).isEqualTo(200);
        subs.seen(-1, 200);
        subs.seen(4, 250);
        assertThat(subs.rolledBack(-1, 300)).isEqualTo(100);
    }

    @Test
    void aMillionThatAreRolledBackOneByOneAreForgotten() {
        subs.seen(1, 0);
        for (int i = 2; i < 1_000_000; i++) {
            subs.seen(i, 10);
            assertThat(subs.rolledBack(i, 20)).isEqualTo(10);
        }
        assertThat(subs.rolledBack(1, 20)).isZero();
    }
}
