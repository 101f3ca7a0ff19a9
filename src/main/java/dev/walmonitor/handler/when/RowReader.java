package dev.walmonitor.handler.when;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Side;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.Queries.Mark;
import dev.walmonitor.sink.sql.Queries.Snapshot;
import dev.walmonitor.sink.sql.Query;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the database what the log did not send of a row. Only what was read by a snapshot that
 * saw the change counts: a change may come through the log before others can see it. Until then it
 * is read again. Thread-safe.
 */
final class RowReader {
    private static final Duration FIRST = Duration.ofMillis(10);
    private static final Duration LONGEST = Duration.ofSeconds(1);

    private final Queries queries;
    private final Function<Duration, Uni<Void>> wait;

    /**
     * @param wait completes on an event loop when the time is over
     */
    RowReader(Queries queries, Function<Duration, Uni<Void>> wait) {
        this.queries = queries;
        this.wait = wait;
    }

    /** The columns' values now, as the log would have told them; empty if the row is gone. */
    Uni<Optional<Map<String, ColumnValue>>> read(RowChange change, List<String> columns) {
        return Uni.createFrom().deferred(() -> read(change, columns, FIRST));
    }

    private Uni<Optional<Map<String, ColumnValue>>> read(
            RowChange change, List<String> columns, Duration pause) {
        Mark mark = new Mark(change.transaction().xid(), change.transaction().commit().number());
        return queries.snapshot(query(change.relation(), columns), key(change), Set.of(mark))
                .chain(seen ->
                        seen.unseen().isEmpty()
                                ? Uni.createFrom().item(values(seen, columns))
                                : wait.apply(pause)
                                        .chain(() -> read(change, columns, longer(pause))));
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST) > 0 ? LONGEST : twice;
    }

    /** {@code format} writes a value as the log does, which a cast to text does not always. */
    static Query query(Relation relation, List<String> columns) {
        String selected =
                columns.stream()
                        .map(RowReader::quoted)
                        .map(c ->
                                "case when num_nonnulls(t.%1$s) = 1 then format('%%s', t.%1$s) end as %1$s"
                                        .formatted(c))
                        .collect(Collectors.joining(", "));
        List<String> fragments = new ArrayList<>();
        String before =
                "select "
                        + selected
                        + " from "
                        + quoted(relation.table().schema())
                        + "."
                        + quoted(relation.table().name())
                        + " t where t.";
        for (String key : relation.keyNames()) {
            fragments.add(before + quoted(key) + " = ");
            before = " and t.";
        }
        fragments.add("");
        return new Query(fragments);
    }

    private static List<@Nullable String> key(RowChange change) {
        List<@Nullable String> key = new ArrayList<>();
        for (String column : change.relation().keyNames()) {
            key.add(Side.NEW.value(change, column).textOrNull());
        }
        return key;
    }

    private static Optional<Map<String, ColumnValue>> values(Snapshot seen, List<String> columns) {
        JsonArray rows = new JsonArray(seen.json());
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        JsonObject row = rows.getJsonObject(0);
        Map<String, ColumnValue> values = new HashMap<>();
        for (String column : columns) {
            String text = row.getString(column);
            values.put(column, text == null ? ColumnValue.Null.NULL : new ColumnValue.Text(text));
        }
        return Optional.of(values);
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
