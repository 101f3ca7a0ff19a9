package dev.walmonitor.source.postgres.pgoutput;

import static dev.walmonitor.change.ColumnValue.Absent.ABSENT;
import static dev.walmonitor.change.ColumnValue.Null.NULL;
import static dev.walmonitor.source.postgres.pgoutput.Frames.USERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.ColumnValue.Text;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Update;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TupleRowTest {
    private static final List<Integer> ALL = List.of(0, 1, 2);

    @Test
    void f55_unchangedLargeValueIsAbsentAndNeverNull() {
        Update update =
                update(
                        'd',
                        new int[] {1, 0, 0},
                        Bytes.nothing().byte1('N').tuple(3).text("7").none().unchanged());

        assertThat(update.after().values()).containsExactly(new Text("7"), NULL, ABSENT);
        assertThat(update.after().value(2)).isEqualTo(ABSENT);
        assertThat(update.after().has("bio")).isFalse();
        assertThat(change(update).hasChanged("bio")).isFalse();
    }

    @Test
    void f55_unchangedLargeValueStaysAbsentWhenTheKeyChanges() {
        Update update =
                update(
                        'd',
                        new int[] {1, 0, 0},
                        Bytes.nothing()
                                .byte1('K')
                                .tuple(3)
                                .text("6")
                                .none()
                                .none()
                                .byte1('N')
                                .tuple(3)
                                .text("7")
                                .text("Ada")
                                .unchanged());

        assertThat(Talk.before(update).value(2)).isEqualTo(ABSENT);
        assertThat(update.after().value(2)).isEqualTo(ABSENT);
    }

    @Test
    void f55_unchangedLargeValueIsThatOfTheOldRowWhereTheOldRowHasIt() {
        Update update =
                update(
                        'f',
                        new int[] {1, 1, 1},
                        Bytes.nothing()
                                .byte1('O')
                                .tuple(3)
                                .text("7")
                                .text("Eva")
                                .text("long")
                                .byte1('N')
                                .tuple(3)
                                .text("7")
                                .text("Ada")
                                .unchanged());

        assertThat(update.after().values())
                .containsExactly(new Text("7"), new Text("Ada"), new Text("long"));
        assertThat(change(update).hasChanged("bio")).isFalse();
        assertThat(change(update).changes()).containsOnlyKeys("name");
    }

    @Test
    void f55_keyThatIsLargeAndUnchangedKeepsItsLane() {
        Insert insert = insert(Bytes.nothing().tuple(3).text("7").text("large").none());
        Update update =
                update(
                        'i',
                        new int[] {0, 1, 0},
                        Bytes.nothing()
                                .byte1('K')
                                .tuple(3)
                                .none()
                                .text("large")
                                .none()
                                .byte1('N')
                                .tuple(3)
                                .text("7")
                                .unchanged()
                                .none());

        List<Integer> key = update.after().relation().key();
        assertThat(key).containsExactly(1);
        assertThat(update.after().hash(key)).isEqualTo(insert.row().hash(key));
        assertThat(Talk.before(update).hash(key)).isEqualTo(insert.row().hash(key));
    }

    @Test
    void f55_compositeKeyThatChangesInPartIsWholeInBothRows() {
        Update update =
                update(
                        'i',
                        new int[] {1, 1, 0},
                        Bytes.nothing()
                                .byte1('K')
                                .tuple(3)
                                .text("6")
                                .text("large")
                                .none()
                                .byte1('N')
                                .tuple(3)
                                .text("7")
                                .unchanged()
                                .unchanged());

        assertThat(update.after().has(List.of(0, 1))).isTrue();
        assertThat(update.after().has(List.of(0, 2))).isFalse();
        assertThat(Talk.before(update).has(List.of(0, 1))).isTrue();
        assertThat(Talk.before(update).has(List.of(2))).isFalse();
        assertThat(update.after().values())
                .containsExactly(new Text("7"), new Text("large"), ABSENT);
    }

    @Test
    void rowWeighsAboutWhatItsBytesDo() {
        Row small = insert(Bytes.nothing().tuple(3).text("7").none().none()).row();
        Row large =
                insert(Bytes.nothing().tuple(3).text("7").text("x".repeat(10_000)).none()).row();

        assertThat(small.weight()).isBetween(32, 100);
        assertThat(large.weight()).isBetween(10_000, 10_100);
    }

    @Test
    void rowsOfEqualValuesHashAlikeWhateverHoldsThem() {
        Row row = insert(Bytes.nothing().tuple(3).text("7").text("größer 🦉").none()).row();
        Row same = Row.of(row.relation(), new Text("7"), new Text("größer 🦉"), NULL);

        assertThat(row.hash(ALL)).isEqualTo(same.hash(ALL));
        for (int column : ALL) {
            assertThat(row.hash(List.of(column))).isEqualTo(same.hash(List.of(column)));
        }
    }

    @Test
    void binaryValuesHashAlikeWhateverHoldsThem() {
        Row row = insert(Bytes.nothing().tuple(3).binary(0, 200, 7).binary().none()).row();
        Row same = Row.of(row.relation(), row.values().toArray(ColumnValue[]::new));

        assertThat(row.hash(ALL)).isEqualTo(same.hash(ALL));
    }

    @Test
    void rowsOfOtherValuesHashOtherwise() {
        Row row = insert(Bytes.nothing().tuple(3).text("7").text("Ada").none()).row();
        Row other = insert(Bytes.nothing().tuple(3).text("8").text("Ada").none()).row();

        assertThat(row.hash(List.of(0))).isNotEqualTo(other.hash(List.of(0)));
    }

    @Test
    void nullAndAbsentHashAlike() {
        Update update =
                update(
                        'd',
                        new int[] {1, 0, 0},
                        Bytes.nothing().byte1('N').tuple(3).text("7").none().unchanged());

        assertThat(update.after().hash(List.of(1))).isEqualTo(update.after().hash(List.of(2)));
    }

    @Test
    void valuesAreFoundByNameAndByIndexInAnyOrder() {
        Row row = insert(Bytes.nothing().tuple(3).text("7").text("").text("b")).row();

        assertThat(row.text("bio")).isEqualTo("b");
        assertThat(row.text("id")).isEqualTo("7");
        assertThat(row.text("name")).isEmpty();
        assertThat(row.size()).isEqualTo(3);
        assertThatThrownBy(() -> row.value("nmae"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Table public.users has no column \"nmae\"; it has id, name, bio");
        assertThatThrownBy(() -> row.value(3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void rowKeepsNothingOfTheBufferItCameFrom() {
        Talk talk = Talk.inTransaction().with(Frames.users());
        byte[] insert = Frames.insert().toArray();
        ByteBuf buffer = Unpooled.directBuffer().writeBytes(insert);

        Row row = ((Insert) talk.decoder.decode(buffer, 0, insert.length)).row();
        buffer.setZero(0, buffer.capacity());
        buffer.release();

        assertThat(row.values()).containsExactly(new Text("7"), new Text("Ada"), NULL);
    }

    @Test
    void bytesThatAreNoTextOfUtf8AreReadAsFarAsTheyGo() {
        byte[] latin1 = "gr\u00fcn".getBytes(StandardCharsets.ISO_8859_1);
        Row row =
                insert(
                                Bytes.nothing()
                                        .tuple(3)
                                        .text("7")
                                        .byte1('t')
                                        .int32(latin1.length)
                                        .bytes(latin1)
                                        .none())
                        .row();

        assertThat(row.text("name")).isEqualTo("gr\ufffdn");
        assertThat(row.hash(ALL))
                .isEqualTo(
                        Row.of(row.relation(), new Text("7"), new Text("gr\ufffdn"), NULL)
                                .hash(ALL));
    }

    @Test
    void rowPrintsItsTableAndNoValue() {
        Row row = insert(Bytes.nothing().tuple(3).text("7").text("secret").none()).row();

        assertThat(row).hasToString("row of public.users (oid 16385, 3 columns)");
    }

    private static Insert insert(Bytes tuple) {
        Talk talk = Talk.inTransaction().with(Frames.users());
        Bytes start = Bytes.message('I').int32(USERS).byte1('N');
        return (Insert) talk.hear(start.bytes(tuple.toArray()));
    }

    private static Update update(char identity, int[] flags, Bytes tuples) {
        Talk talk = Talk.inTransaction().with(Frames.users(identity, flags));
        return (Update) talk.hear(Bytes.message('U').int32(USERS).bytes(tuples.toArray()));
    }

    private static RowChange change(Update update) {
        Transaction transaction = new Transaction("main", 1, Lsn.parse("0/10"), Instant.EPOCH, 700);
        return new RowChange.Update(transaction, 0, update.before(), update.after());
    }
}
