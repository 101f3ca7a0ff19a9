package dev.walmonitor.handler.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.ColumnValue.Absent;
import dev.walmonitor.change.ColumnValue.Binary;
import dev.walmonitor.change.ColumnValue.Null;
import dev.walmonitor.change.ColumnValue.Text;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.sink.sql.FakeQueries;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowJsonTest {
    private static final int INT8 = 20;
    private static final int TEXT = 25;

    private final RowJson json = new RowJson(new TypeShapes(FakeQueries.NONE));

    @Test
    void keysAreInTheOrderOfJsonb() {
        assertThat(
                        render(
                                List.of("bb", "a", "B"),
                                INT8,
                                new Text("9007199254740993"),
                                Null.NULL,
                                new Text("-1")))
                .isEqualTo("{\"B\": -1, \"a\": null, \"bb\": 9007199254740993}");
    }

    @Test
    void aRowWithoutColumnsIsAnEmptyObject() {
        assertThat(json.render(relation(List.of(), INT8), List.of())).isEqualTo("{}");
    }

    @Test
    void valuesAreEscapedAsJsonbDoes() {
        assertThat(
                        render(
                                List.of("a\"b"),
                                TEXT,
                                new Text(":*{}?%\r\n\t\b\f\u0001\u001f\u007f\\\"🦉\u2028")))
                .isEqualTo(
                        "{\"a\\\"b\": \":*{}?%\\r\\n\\t\\b\\f\\u0001\\u001f\u007f\\\\\\\"🦉\u2028\"}");
    }

    @Test
    void aRowOfWhichSomethingIsMissingIsNotRendered() {
        assertThat(render(List.of("a", "b"), TEXT, new Text("x"), Absent.ABSENT)).isNull();
        assertThat(render(List.of("a", "b"), TEXT, new Text("x"), new Binary(new byte[1])))
                .isNull();
    }

    @Test
    void textThatIsNotOfItsTypeIsNotRendered() {
        for (int type : List.of(16, 20, 701, 1114, 1184, 1007, 114)) {
            for (String text :
                    List.of("", "***", "\"", "12a", "1.", "-", "{", "{\"a", "{1", "{}x", "[")) {
                String rendered = render(List.of("a"), type, new Text(text));
                assertThat(rendered).as(type + " " + text).isNull();
            }
        }
    }

    @Test
    void aTableOfAnotherShapeIsLookedAtAnew() {
        Relation before = relation(List.of("a"), TEXT);
        Relation after = relation(List.of("b"), TEXT);
        List<ColumnValue> values = List.of(new Text("x"));

        assertThat(json.render(before, values)).isEqualTo("{\"a\": \"x\"}");
        assertThat(json.render(after, values)).isEqualTo("{\"b\": \"x\"}");
        assertThat(json.render(before, values)).isEqualTo("{\"a\": \"x\"}");
    }

    @Test
    void thereIsAValueForEachColumn() {
        assertThatThrownBy(() -> render(List.of("a", "b"), TEXT, Null.NULL))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Expected 2 values for public.t (oid 1, 2 columns), got 1");
    }

    private @Nullable String render(List<String> names, int type, ColumnValue... values) {
        return json.render(relation(names, type), List.of(values));
    }

    private static Relation relation(List<String> names, int type) {
        List<Column> columns = new ArrayList<>();
        names.forEach(name -> columns.add(new Column(name, type, -1, false)));
        return new Relation(
                1, new TableName("public", "t"), ReplicaIdentity.DEFAULT, columns, List.of());
    }
}
