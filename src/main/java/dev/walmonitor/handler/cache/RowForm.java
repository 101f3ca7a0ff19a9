package dev.walmonitor.handler.cache;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.Veil;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * How rows of one table look when they are read: as the log shows them, without what is hidden.
 * Thread-safe.
 */
final class RowForm {
    private final Tools tools;
    private final TableName table;
    private final List<String> makers;
    private final Optional<Veil> veil;
    private final AtomicReference<@Nullable Relation> shape = new AtomicReference<>();

    /**
     * @param makers columns that make keys and tags
     */
    RowForm(Tools tools, List<String> makers) {
        this.tools = tools;
        this.table = tools.tables().getFirst().table();
        this.makers = makers;
        this.veil = tools.veil();
    }

    TableName table() {
        return table;
    }

    /** A change came with this shape; answers whether rows that were kept before lack something. */
    boolean note(Relation now) {
        Relation before = shape.getAndSet(now);
        return before != null && before != now && !names(before).equals(names(now));
    }

    private static List<String> names(Relation relation) {
        return relation.columns().stream().map(Column::name).toList();
    }

    /** The columns that the log sends: those of the last change, or as the catalogue says. */
    Uni<List<String>> columns() {
        Relation known = shape.get();
        return known != null
                ? Uni.createFrom().item(names(known))
                : RowQuery.sentColumns(tools.primary(), table)
                        .map(all ->
                                all.stream()
                                        .filter(c -> veil.isEmpty() || !veil.get().drops(c))
                                        .toList());
    }

    /** The columns whose values are wanted as text. */
    List<String> texts(List<String> columns) {
        return veil.isEmpty() ? makers : columns;
    }

    /**
     * The row as one JSON object.
     *
     * @param raw as the database writes it
     * @param texts values of {@link #texts} by column
     */
    String json(String raw, List<String> columns, Map<String, @Nullable String> texts) {
        if (veil.isEmpty()) {
            return raw;
        }
        Relation whole = shape.get();
        Relation relation = part(whole == null ? tools.tables().getFirst() : whole, columns);
        List<ColumnValue> values = new ArrayList<>(columns.size());
        for (String column : columns) {
            String text = veil.get().over(column, texts.get(column));
            values.add(text == null ? ColumnValue.Null.NULL : new ColumnValue.Text(text));
        }
        String json = tools.json().render(relation, values);
        if (json == null) {
            throw new SinkException(
                    "Rows of "
                            + table
                            + " have hidden columns, and one of a type that only the database can"
                            + " write as JSON; drop that one too, or wait until its type is known",
                    true);
        }
        return json;
    }

    /** The table with some of its columns only. */
    private static Relation part(Relation relation, List<String> columns) {
        if (names(relation).equals(columns)) {
            return relation;
        }
        List<Column> some =
                columns.stream()
                        .map(name -> relation.columns().get(relation.require(name)))
                        .toList();
        return new Relation(relation.oid(), relation.table(), relation.identity(), some, List.of());
    }
}
