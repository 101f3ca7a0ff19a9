package dev.walmonitor.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.pipeline.HandledChange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoryTest {
    private static final Relation TICKETS =
            new Relation(
                    16400,
                    new TableName("public", "tickets"),
                    ReplicaIdentity.FULL,
                    List.of(
                            new Column("id", 20, -1, true),
                            new Column("number", 25, -1, true),
                            new Column("status", 25, -1, true),
                            new Column("updated_at", 1184, -1, true)),
                    List.of(0));
    private static final Transaction COMMIT =
            new Transaction("main", 1, new Lsn(16), Instant.parse("2026-01-01T00:00:00Z"), 7);

    private static Row ticket(ColumnValue status, String updated) {
        return Row.of(
                TICKETS,
                new ColumnValue.Text("1"),
                new ColumnValue.Text("TKT-00123"),
                status,
                new ColumnValue.Text(updated));
    }

    private static String told(RowChange change, HandlerResult result) {
        return Story.of(new HandledChange("rule", change, result, Duration.ofMillis(5)));
    }

    @Test
    void tellsWhatChangedWhatWasDoneAndHowSoon() {
        RowChange update =
                new RowChange.Update(
                        COMMIT,
                        0,
                        ticket(new ColumnValue.Text("open"), "1"),
                        ticket(ColumnValue.Null.NULL, "2"));

        assertThat(told(update, HandlerResult.of("refreshed").with("key", "k").with("rows", 4)))
                .isEqualTo(
                        "tickets TKT-00123: status open ⇒ nothing → refreshed key=k rows=4, 5 ms"
                                + " after the commit");
    }

    @Test
    void tellsOfRowsThatCameAndWent() {
        Row row = ticket(new ColumnValue.Text("open"), "1");

        assertThat(told(new RowChange.Insert(COMMIT, 0, row), HandlerResult.of("done")))
                .isEqualTo("new row in tickets: TKT-00123 → done, 5 ms after the commit");
        assertThat(told(new RowChange.Delete(COMMIT, 0, row), HandlerResult.of("done")))
                .isEqualTo("gone from tickets: TKT-00123 → done, 5 ms after the commit");
        assertThat(
                        told(
                                new RowChange.Truncate(COMMIT, 0, TICKETS, false, false),
                                HandlerResult.of("done")))
                .isEqualTo("tickets was emptied → done, 5 ms after the commit");
    }

    @Test
    void cutsLongValuesAndLeavesOutWhatEveryUpdateTouches() {
        RowChange update =
                new RowChange.Update(
                        COMMIT,
                        0,
                        ticket(new ColumnValue.Text("x".repeat(50)), "1"),
                        ticket(new ColumnValue.Text("y"), "2"));

        assertThat(told(update, HandlerResult.of("done")))
                .isEqualTo(
                        "tickets TKT-00123: status "
                                + "x".repeat(40)
                                + "… ⇒ y → done, 5 ms after the commit");
    }
}
