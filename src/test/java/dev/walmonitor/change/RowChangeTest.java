package dev.walmonitor.change;

import static dev.walmonitor.change.ColumnValue.Absent.ABSENT;
import static dev.walmonitor.change.ColumnValue.Null.NULL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.walmonitor.change.ColumnValue.Binary;
import dev.walmonitor.change.ColumnValue.Text;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowChangeTest {
    private static final Transaction TRANSACTION =
            new Transaction("main", 1, Lsn.parse("16/B374D848"), Instant.EPOCH, 700);

    private final Relation byKey = users(ReplicaIdentity.DEFAULT, true, false, false);
    private final Relation byIndex = users(ReplicaIdentity.INDEX, false, true, false);
    private final Relation full = users(ReplicaIdentity.FULL, true, true, true);
    private final Relation nothing = users(ReplicaIdentity.NOTHING, false, false, false);

    @Test
    void changeIsIdentifiedByItsCommitAndItsOrdinal() {
        RowChange first = insert(byKey, "7", "Ada", null);
        RowChange tenth = new RowChange.Insert(TRANSACTION, 10, row(byKey, "8", "Eva", null));

        assertThat(first.id()).isEqualTo(new ChangeId(Lsn.parse("16/B374D848"), 2));
        assertThat(first.id()).hasToString("16/B374D848:2");
        assertThat(first.id()).isLessThan(tenth.id());
        assertThat(tenth.id()).isLessThan(new ChangeId(Lsn.parse("80000000/0"), 0));
    }

    @Test
    void insertChangesEveryColumnThatIsNotNull() {
        RowChange insert = insert(byKey, "7", "Ada", null);

        assertThat(insert.hasChanged("id")).isTrue();
        assertThat(insert.hasChanged("bio")).isFalse();
        assertThat(insert.changes())
                .containsExactly(
                        entry("id", new Change(NULL, text("7"))),
                        entry("name", new Change(NULL, text("Ada"))));
        assertThat(insert.before()).isNull();
        assertThat(insert.row()).isSameAs(insert.after());
    }

    @Test
    void f56_updateUnderFullKnowsEveryColumn() {
        RowChange update = update(row(full, "7", "Ada", null), row(full, "7", "Eva", null));

        assertThat(update.hasChanged("id")).isFalse();
        assertThat(update.hasChanged("name")).isTrue();
        assertThat(update.hasChanged("bio")).isFalse();
        assertThat(update.changes())
                .containsExactly(entry("name", new Change(text("Ada"), text("Eva"))));
    }

    @Test
    void updateFromNullToAValueAndBackIsAChange() {
        RowChange update = update(row(full, "7", null, "bio"), row(full, "7", "", null));

        assertThat(update.changes())
                .containsExactly(
                        entry("name", new Change(NULL, text(""))),
                        entry("bio", new Change(text("bio"), NULL)));
    }

    @Test
    void f56_updateWithoutAnOldRowKnowsThatTheIdentityStayed() {
        RowChange byKeyUpdate = update(null, row(byKey, "7", "Ada", null));
        RowChange byIndexUpdate = update(null, row(byIndex, "7", "Ada", null));

        assertThat(byKeyUpdate.hasChanged("id")).isFalse();
        assertThat(byIndexUpdate.hasChanged("name")).isFalse();
        assertThat(byKeyUpdate.changes()).isEmpty();
    }

    @Test
    void f56_updateWithoutAnOldRowKnowsNothingElseAndSaysHowToMendIt() {
        RowChange update = update(null, row(byKey, "7", "Ada", null));

        assertThatThrownBy(() -> update.hasChanged("name"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "Whether public.users.name changed cannot be known: its old value is not"
                                + " sent. Mend it with: ALTER TABLE public.users REPLICA IDENTITY"
                                + " FULL");
        assertThatThrownBy(() -> update(null, row(byIndex, "7", "Ada", null)).hasChanged("id"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> update(null, row(nothing, "7", "Ada", null)).hasChanged("id"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void f62_updateUnderFullWithoutAnOldRowKnowsNothing() {
        RowChange update = update(null, row(full, "7", "Ada", null));

        assertThat(update.changes()).isEmpty();
        assertThatThrownBy(() -> update.hasChanged("name"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void f56_keyUpdateKnowsTheKeyAndNothingElse() {
        Row old = Row.of(byKey, text("6"), ABSENT, ABSENT);
        RowChange update = update(old, row(byKey, "7", "Ada", null));

        assertThat(update.hasChanged("id")).isTrue();
        assertThat(update.changes()).containsExactly(entry("id", new Change(text("6"), text("7"))));
        assertThatThrownBy(() -> update.hasChanged("bio"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void f55_largeValueThatWasNotSentHasNotChanged() {
        Row after = Row.of(byKey, text("7"), text("Ada"), ABSENT);

        assertThat(update(null, after).hasChanged("bio")).isFalse();
        assertThat(update(null, after).changes()).isEmpty();
    }

    @Test
    void deleteChangesEveryColumnThatIsNotNullAndKnowsWhatWasSent() {
        RowChange whole = delete(row(full, "7", "Ada", null));
        RowChange key = delete(Row.of(byKey, text("7"), ABSENT, ABSENT));

        assertThat(whole.changes()).containsOnlyKeys("id", "name");
        assertThat(whole.hasChanged("bio")).isFalse();
        assertThat(key.changes()).containsExactly(entry("id", new Change(text("7"), NULL)));
        assertThatThrownBy(() -> key.hasChanged("bio")).isInstanceOf(IllegalStateException.class);
        assertThat(whole.after()).isNull();
        assertThat(whole.row()).isSameAs(whole.before());
    }

    @Test
    void f64_truncateKnowsNoRows() {
        RowChange truncate = new RowChange.Truncate(TRANSACTION, 0, byKey, true, false);

        assertThat(truncate.changes()).isEmpty();
        assertThat(truncate.row()).isNull();
        assertThatThrownBy(() -> truncate.hasChanged("id"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "Whether public.users.id changed cannot be known: a TRUNCATE sends no"
                                + " rows");
    }

    @Test
    void columnThatTheTableDoesNotHaveIsNamedWithThoseItHas() {
        List<RowChange> changes =
                List.of(
                        insert(byKey, "7", "Ada", null),
                        update(null, row(byKey, "7", "Ada", null)),
                        delete(row(full, "7", "Ada", null)),
                        new RowChange.Truncate(TRANSACTION, 0, byKey, false, false));
        for (RowChange change : changes) {
            assertThatThrownBy(() -> change.hasChanged("nmae"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Table public.users has no column \"nmae\"; it has id, name, bio");
        }
    }

    @Test
    void changesCannotBeModified() {
        assertThatThrownBy(() -> insert(byKey, "7", "Ada", null).changes().clear())
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void everyChangeNamesItsTableAndOperation() {
        Row row = row(full, "7", "Ada", null);

        assertThat(insert(full, "7", "Ada", null).operation()).isEqualTo(Operation.INSERT);
        assertThat(update(row, row).operation()).isEqualTo(Operation.UPDATE);
        assertThat(delete(row).operation()).isEqualTo(Operation.DELETE);
        assertThat(update(row, row).relation()).isSameAs(full);
        assertThat(delete(row).table()).isEqualTo(new TableName("public", "users"));
    }

    @Test
    void binaryValuesAreComparedByTheirBytes() {
        RowChange update =
                update(
                        Row.of(full, text("7"), new Binary(new byte[] {1}), NULL),
                        Row.of(full, text("7"), new Binary(new byte[] {1}), NULL));

        assertThat(update.hasChanged("name")).isFalse();
        assertThat(update.changes()).isEmpty();
    }

    private static RowChange insert(
            Relation relation, @Nullable String id, @Nullable String name, @Nullable String bio) {
        return new RowChange.Insert(TRANSACTION, 2, row(relation, id, name, bio));
    }

    private static RowChange update(@Nullable Row before, Row after) {
        return new RowChange.Update(TRANSACTION, 2, before, after);
    }

    private static RowChange delete(Row before) {
        return new RowChange.Delete(TRANSACTION, 2, before);
    }

    private static Row row(
            Relation relation, @Nullable String id, @Nullable String name, @Nullable String bio) {
        return Row.of(relation, text(id), text(name), text(bio));
    }

    private static ColumnValue text(@Nullable String text) {
        return text == null ? NULL : new Text(text);
    }

    private static Relation users(ReplicaIdentity identity, boolean id, boolean name, boolean bio) {
        return new Relation(
                16385,
                new TableName("public", "users"),
                identity,
                List.of(
                        new Column("id", 23, -1, id),
                        new Column("name", 25, -1, name),
                        new Column("bio", 25, -1, bio)),
                List.of(0));
    }
}
