package dev.walmonitor.source.postgres.pgoutput;

import static dev.walmonitor.source.postgres.pgoutput.Frames.ROLES;
import static dev.walmonitor.source.postgres.pgoutput.Frames.SUB_XID;
import static dev.walmonitor.source.postgres.pgoutput.Frames.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Counted;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Skipped;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Truncate;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Truncated;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnwantedChangesTest {
    private final Wishes wishes = new Wishes();
    private final Talk talk =
            new Talk(wishes, PrimaryKeys.UNKNOWN)
                    .with(Frames.users(), Frames.roles("public"), Frames.begin());

    /** An interest that can be changed, and remembers what it was asked. */
    private static final class Wishes implements Interest {
        private final List<String> asked = new ArrayList<>();
        private final Set<Operation> wanted = EnumSet.noneOf(Operation.class);
        private int version = 3;

        @Override
        public boolean wants(Relation relation, Operation operation) {
            asked.add(relation.table().name() + " " + operation);
            return relation.oid() == USERS && wanted.contains(operation);
        }

        @Override
        public int version() {
            return version;
        }
    }

    @Test
    void changeThatNobodyWantsIsCountedAndNothingIsMadeOfIt() {
        PgOutputMessage insert = talk.hear(Frames.insert());

        assertThat(insert).isEqualTo(new Skipped(0, 1));
        assertThat(talk.hear(Frames.update())).isSameAs(insert);
        assertThat(talk.hear(Frames.delete())).isSameAs(insert);
    }

    @Test
    void unwantedUpdateWithAnOldRowIsOneChange() {
        Bytes update = Bytes.message('U').int32(USERS).byte1('K').tuple(3).text("6").none().none();

        assertThat(talk.hear(Frames.row(update.byte1('N')))).isEqualTo(new Skipped(0, 1));
    }

    @Test
    void f64_truncateOfSeveralTablesNamesTheWantedOnesAndCountsAll() {
        wishes.wanted.add(Operation.TRUNCATE);
        Relation users = talk.relation(Frames.users());

        assertThat(talk.hear(Frames.truncate(ROLES, USERS, ROLES)))
                .isEqualTo(new Truncate(0, 3, List.of(new Truncated(1, users)), false, false));
    }

    @Test
    void f64_truncateThatNobodyWantsCountsEachOfItsTables() {
        assertThat(talk.hear(Frames.truncate(ROLES, USERS))).isEqualTo(new Skipped(0, 2));
    }

    @Test
    void f33_ordinalsAreTheSameWhateverIsWanted() {
        Bytes[] transaction = {
            Frames.insert(),
            Frames.update(),
            Frames.truncate(ROLES, USERS),
            Frames.message(true),
            Frames.delete()
        };

        List<Integer> wantingNothing = ordinals(transaction);
        wishes.wanted.addAll(EnumSet.allOf(Operation.class));
        wishes.version++;

        assertThat(ordinals(transaction)).isEqualTo(wantingNothing).containsExactly(0, 1, 2, 4, 5);
    }

    @Test
    void unwantedChangeOfAStreamedTransactionStillNamesItsSubTransaction() {
        talk.hearAll(Frames.commit(), Frames.streamStart());
        Bytes insert = Frames.row(Frames.sub('I').int32(USERS).byte1('N'));
        PgOutputMessage skipped = talk.hear(insert);

        assertThat(skipped).isEqualTo(new Skipped(SUB_XID, 1));
        assertThat(talk.hear(insert)).isSameAs(skipped);
        assertThat(talk.hear(Frames.row(Bytes.message('I').int32(9).int32(USERS).byte1('N'))))
                .isEqualTo(new Skipped(9, 1));
        talk.hearAll(Frames.streamStop(), Frames.begin());
        assertThat(talk.hear(Frames.insert())).isEqualTo(new Skipped(0, 1));
    }

    @Test
    void f47_changeThatNobodyWantsIsCheckedAllTheSame() {
        Bytes insert = Bytes.message('I').int32(USERS).byte1('N').tuple(3).text("7").none();

        assertThatThrownBy(() -> talk.hear(insert))
                .isInstanceOf(DecodeException.class)
                .hasMessage(
                        "Expected kind of a column (1 bytes), got 0 bytes"
                                + " (message 'I', byte 15, table public.users)");
    }

    @Test
    void interestIsAskedOnceForEachTableAndOperationUntilItMoves() {
        talk.hearAll(Frames.insert(), Frames.insert(), Frames.delete(), Frames.insert());
        assertThat(wishes.asked).containsExactly("users INSERT", "users DELETE");

        wishes.wanted.add(Operation.INSERT);
        assertThat(talk.hear(Frames.insert())).isInstanceOf(Skipped.class);
        wishes.version--;
        assertThat(talk.hear(Frames.insert())).isInstanceOf(Insert.class);
        assertThat(talk.hear(Frames.insert())).isInstanceOf(Insert.class);
        assertThat(wishes.asked).containsExactly("users INSERT", "users DELETE", "users INSERT");
    }

    @Test
    void interestIsAskedAgainWhenTheTableHasAnotherShape() {
        talk.hearAll(Frames.insert(), Frames.users(), Frames.insert());
        assertThat(wishes.asked).hasSize(1);

        talk.hearAll(Frames.users('f', 1, 1, 1), Frames.insert());
        assertThat(wishes.asked).containsExactly("users INSERT", "users INSERT");
    }

    @Test
    void changesOfOurOwnSchemaAreDroppedAndCountedWhateverIsWanted() {
        Talk own = Talk.inTransaction().with(Frames.users(), Frames.roles("wal_monitor"));
        Relation users = own.relation(Frames.users());

        assertThat(own.hear(Bytes.message('I').int32(ROLES).byte1('N').tuple(1).text("1")))
                .isEqualTo(new Skipped(0, 1));
        assertThat(own.hear(Frames.truncate(ROLES, USERS)))
                .isEqualTo(new Truncate(0, 2, List.of(new Truncated(1, users)), false, false));
    }

    private List<Integer> ordinals(Bytes... messages) {
        List<Integer> ordinals = new ArrayList<>();
        int next = 0;
        for (Bytes message : messages) {
            ordinals.add(next);
            next += ((Counted) talk.hear(message)).changes();
        }
        return ordinals;
    }
}
