package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.TraceContext;
import dev.walmonitor.change.Transaction;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChangeTextTest {
    private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final Relation T =
            new Relation(
                    16400,
                    new TableName("public", "t"),
                    ReplicaIdentity.DEFAULT,
                    List.of(new Column("id", 23, -1, true)),
                    List.of(0));

    private static final Transaction PLAIN =
            new Transaction("main", 1, new Lsn(0x10), Instant.parse("2026-01-01T00:00:00Z"), 7);

    private final ChangeText text = new ChangeText();

    private Transaction again(Transaction transaction) {
        return text.read(
                        text.write(
                                new RowChange.Insert(
                                        transaction, 0, Row.of(T, new ColumnValue.Text("1")))))
                .transaction();
    }

    @Test
    void whatIsParkedKeepsItsPlaceInTheApplicationsTrace() {
        Transaction full = PLAIN.within(new TraceContext(PARENT, "rojo=1"));
        Transaction half = PLAIN.within(new TraceContext(PARENT, null));

        assertThat(again(full)).isEqualTo(full);
        assertThat(again(half)).isEqualTo(half);
        assertThat(again(PLAIN)).isEqualTo(PLAIN);
    }
}
