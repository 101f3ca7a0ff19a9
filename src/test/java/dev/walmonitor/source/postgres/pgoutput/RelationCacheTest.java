package dev.walmonitor.source.postgres.pgoutput;

import static dev.walmonitor.source.postgres.pgoutput.Frames.ROLES;
import static dev.walmonitor.source.postgres.pgoutput.Frames.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RelationCacheTest {
    private final Map<Integer, List<String>> primaryKeys = new HashMap<>();
    private final Talk talk = new Talk(Interest.ALL, primaryKeys::get).with(Frames.begin());

    @Test
    void tableToldAgainUnchangedKeepsItsInstance() {
        Relation users = talk.relation(Frames.users());

        assertThat(talk.relation(Frames.users())).isSameAs(users);
        assertThat(inserted()).isSameAs(users);
    }

    @Test
    void f61_tableToldAgainInAnotherShapeReplacesTheOneBefore() {
        Relation users = talk.relation(Frames.users());

        Relation wider =
                talk.relation(
                        Bytes.message('R')
                                .int32(USERS)
                                .string("public")
                                .string("users")
                                .byte1('d')
                                .int16(1)
                                .int8(1)
                                .string("id")
                                .int32(20)
                                .int32(-1));
        Insert insert =
                (Insert) talk.hear(Bytes.message('I').int32(USERS).byte1('N').tuple(1).text("7"));

        assertThat(wider).isNotSameAs(users);
        assertThat(wider.columns()).hasSize(1);
        assertThat(insert.row().relation()).isSameAs(wider);
    }

    @Test
    void f61_tableThatWasRenamedOrMovedIsAnotherInstanceUnderItsNewName() {
        Relation roles = talk.relation(Frames.roles("public"));

        Relation moved = talk.relation(Frames.roles("zz"));

        assertThat(moved).isNotSameAs(roles);
        assertThat(moved.table()).isEqualTo(new TableName("zz", "roles"));
    }

    @Test
    void f61_tablesOfOneNameAreKeptApartByTheirOid() {
        Relation dropped = talk.relation(Frames.users());
        Bytes again =
                Bytes.message('R')
                        .int32(USERS + 1)
                        .string("public")
                        .string("users")
                        .byte1('n')
                        .int16(0);

        assertThat(talk.relation(again)).isNotSameAs(dropped);
        assertThat(inserted()).isSameAs(dropped);
    }

    @Test
    void anotherReplicaIdentityOrFlagIsAnotherInstance() {
        Relation users = talk.relation(Frames.users());

        Relation full = talk.relation(Frames.users('f', 1, 1, 1));
        Relation index = talk.relation(Frames.users('i', 1, 0, 0));
        Relation flag = talk.relation(Frames.users('i', 1, 1, 0));

        assertThat(List.of(users, full, index, flag)).doesNotHaveDuplicates();
    }

    @Test
    void keyThatTheCatalogueLearnsLaterMakesANewInstance() {
        Relation users = talk.relation(Frames.users('f', 1, 1, 1));
        assertThat(users.key()).isEmpty();

        primaryKeys.put(USERS, List.of("id"));
        assertThat(inserted()).isSameAs(users);
        talk.decoder.keyChanged(USERS);

        Relation keyed = inserted();
        assertThat(keyed.key()).containsExactly(0);
        assertThat(keyed.columns()).isEqualTo(users.columns());
        assertThat(talk.relation(Frames.users('f', 1, 1, 1))).isSameAs(keyed);
    }

    @Test
    void keysOfAllTablesAreAskedForAgain() {
        Relation roles = talk.relation(Frames.roles("public"));
        Relation users = talk.relation(Frames.users('f', 1, 1, 1));
        primaryKeys.put(USERS, List.of("bio", "id"));
        primaryKeys.put(ROLES, List.of("id"));

        talk.decoder.keysChanged();

        assertThat(inserted()).isNotSameAs(users);
        assertThat(inserted().keyNames()).containsExactly("id", "bio");
        assertThat(talk.relation(Frames.roles("public"))).isSameAs(roles);
    }

    @Test
    void keyOfATableThatWasNeverToldIsNoMatter() {
        talk.decoder.keyChanged(4711);
        talk.decoder.keysChanged();
    }

    @Test
    void keyThatIsAskedForAgainAndIsTheSameKeepsTheInstance() {
        primaryKeys.put(USERS, List.of("id"));
        Relation users = talk.relation(Frames.users('f', 1, 1, 1));

        talk.decoder.keyChanged(USERS);

        assertThat(inserted()).isSameAs(users);
    }

    @Test
    void f47_changeOfATableThatWasNeverToldIsRefused() {
        assertThatThrownBy(() ->
                        talk.hear(
                                Frames.row(
                                        Bytes.message('I').int32((int) 4_000_000_000L).byte1('N'))))
                .isInstanceOf(DecodeException.class)
                .hasMessage(
                        "Expected a table that the server has told of, got one of OID 4000000000"
                                + " (message 'I', byte 1)");
    }

    private Relation inserted() {
        return ((Insert) talk.hear(Frames.insert())).row().relation();
    }
}
