package dev.walmonitor.admin.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue.Absent;
import dev.walmonitor.change.ColumnValue.Null;
import dev.walmonitor.change.ColumnValue.Text;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.RowChange;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChangeFileTest {

    @Test
    void aChangeIsAsItIsWritten() {
        ChangeFile file =
                ChangeFile.parse(
                        """
                        {"id": "0/0:1", "operation": "update", "schema": "shop", "table": "orders",
                         "old": {"id": 9007199254740993, "price": 1.50, "open": true, "note": null},
                         "new": {"id": 9007199254740993, "price": 1.40, "open": false, "tags": [1, "a"]}}
                        """);
        RowChange change = file.change(file.relation());

        assertThat(change.operation()).isEqualTo(Operation.UPDATE);
        assertThat(change.table().toString()).isEqualTo("shop.orders");
        assertThat(change.relation().columns())
                .extracting(Column::name)
                .containsExactly("id", "price", "open", "note", "tags");
        assertThat(change.relation().columns())
                .extracting(Column::type)
                .containsExactly(20, 1700, 16, 25, 25);
        assertThat(Objects.requireNonNull(change.before()).values())
                .containsExactly(
                        new Text("9007199254740993"),
                        new Text("1.50"),
                        new Text("t"),
                        Null.NULL,
                        Absent.ABSENT);
        assertThat(Objects.requireNonNull(change.after()).values())
                .containsExactly(
                        new Text("9007199254740993"),
                        new Text("1.40"),
                        new Text("f"),
                        Absent.ABSENT,
                        new Text("[1,\"a\"]"));
    }

    @Test
    void theSchemaIsPublicUnlessWritten() {
        ChangeFile file = ChangeFile.parse("{\"operation\": \"TRUNCATE\", \"table\": \"t\"}");

        assertThat(file.table().toString()).isEqualTo("public.t");
        assertThat(file.change(file.relation())).isInstanceOf(RowChange.Truncate.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    {                                    ; Expected JSON, got something else at line 1
                    []                                   ; Expected an object such as {"operation": "UPDATE"
                    {"table": "t"}                       ; Expected an operation of [INSERT, UPDATE, DELETE, TRUNCATE], got ""
                    {"operation": "INSERT", "table": "t"}; Expected the object "new" of an INSERT, got none
                    {"operation": "DELETE", "table": "t"}; Expected the object "old" of a DELETE, got none
                    """)
    void whatIsNoChangeIsTold(String json, String message) {
        assertThatThrownBy(() -> ChangeFile.parse(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }
}
