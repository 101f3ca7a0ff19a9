package dev.walmonitor.change;

import static dev.walmonitor.change.ColumnValue.Absent.ABSENT;
import static dev.walmonitor.change.ColumnValue.Null.NULL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.ColumnValue.Binary;
import dev.walmonitor.change.ColumnValue.Text;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowTest {
    private final Relation users =
            new Relation(
                    (int) 4_000_000_000L,
                    new TableName("public", "users"),
                    ReplicaIdentity.DEFAULT,
                    List.of(
                            new Column("id", 23, -1, true),
                            new Column("name", 25, -1, false),
                            new Column("bio", 25, -1, false)),
                    List.of(0));

    @Test
    void nullAndAbsentAreDifferentThingsThatHaveNoText() {
        Row row = Row.of(users, new Text("7"), NULL, ABSENT);

        assertThat(row.text("id")).isEqualTo("7");
        assertThat(row.text("name")).isNull();
        assertThat(row.text("bio")).isNull();
        assertThat(row.has("name")).isTrue();
        assertThat(row.has("bio")).isFalse();
        assertThat(row.has(List.of(0, 1))).isTrue();
        assertThat(row.has(List.of(1, 2))).isFalse();
        assertThat(row.values()).containsExactly(new Text("7"), NULL, ABSENT);
    }

    @Test
    void binaryValueHasNoTextAndItsBytesAreNotTold() {
        Row row = Row.of(users, new Binary(new byte[] {0, 0, 0, 7}), NULL, NULL);

        assertThatThrownBy(() -> row.text("id"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "The text of public.users.id is not known: it came in the binary form of type "
                                + Integer.toUnsignedString(users.columns().getFirst().type())
                                + " (an OID of pg_type). Set binary to false for the source");
        assertThatThrownBy(() -> row.value(0).textOrNull())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "Expected a value in text form, got 4 bytes in binary form; set binary to false"
                                + " for the source");
    }

    @Test
    void columnThatTheTableDoesNotHaveIsNamedWithThoseItHas() {
        Row row = Row.of(users, new Text("7"), NULL, NULL);

        assertThatThrownBy(() -> row.value("nmae"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Table public.users has no column \"nmae\"; it has id, name, bio");
        assertThatThrownBy(() -> row.has("Id")).isInstanceOf(IllegalArgumentException.class);
        assertThat(users.indexOf("nmae")).isEqualTo(-1);
        assertThat(users.require("bio")).isEqualTo(2);
    }

    @Test
    void rowOfAnotherNumberOfValuesIsRefused() {
        assertThatThrownBy(() -> Row.of(users, new Text("7")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Expected 3 values for public.users (oid 4000000000, 3 columns), got 1");
    }

    @Test
    void hashFollowsTheValuesOfTheGivenColumns() {
        Row row = Row.of(users, new Text("7"), NULL, new Text("a"));
        Row sameId = Row.of(users, new Text("7"), ABSENT, new Text("b"));

        assertThat(row.hash(users.key())).isEqualTo(sameId.hash(users.key()));
        assertThat(row.hash(List.of(1))).isEqualTo(sameId.hash(List.of(1)));
        assertThat(row.hash(List.of(2))).isNotEqualTo(sameId.hash(List.of(2)));
    }

    @Test
    void keyIsNamedInTheOrderOfTheColumns() {
        assertThat(users.keyNames()).containsExactly("id");
    }
}
