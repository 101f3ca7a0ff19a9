package dev.walmonitor.handler.json;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes of one database as everybody outside gets them: {@code {id, source, operation, schema,
 * table, timestamp, lsn, xid, old, new, changed_columns}}, see docs/envelope.md. Thread-safe.
 *
 * <p>The same change is the same text, whenever it is rendered: a type that is not known is asked
 * for first.
 */
public final class ChangeEnvelope {
    /** Deeper than domains and arrays are made of each other. */
    private static final int MOST_QUESTIONS = 20;

    /** What is known of how a change came; a member that is there only when it is so. */
    public enum Mark {
        /** It may have been delivered before. */
        REDELIVERED("redelivered"),
        /** An operator wanted it again. */
        REPLAYED("replayed");

        private final String member;

        Mark(String member) {
            this.member = member;
        }
    }

    /** What is known of how the change comes this time. */
    public static Set<Mark> marks(RowChange change) {
        return switch (change.transaction().delivery()) {
            case FIRST -> Set.of();
            case AGAIN -> Set.of(Mark.REDELIVERED);
            case REPLAY -> Set.of(Mark.REPLAYED);
        };
    }

    /**
     * How rows of a relation are written.
     *
     * @param names each as {@code "name":}
     */
    private record Plan(Relation relation, List<String> names, List<Shape> shapes) {}

    private final TypeShapes shapes;

    /** By the table's OID; of another shape of the same table the last one asked for is kept. */
    private final Map<Integer, Plan> plans = new ConcurrentHashMap<>();

    ChangeEnvelope(TypeShapes shapes) {
        this.shapes = shapes;
    }

    /**
     * What identifies a change among all of all sources, for ever: {@code SOURCE:EPOCH:LSN:ORDINAL}
     * of ASCII without a dot or white space.
     */
    public static String id(RowChange change) {
        Transaction transaction = change.transaction();
        return SafeName.of(transaction.source())
                + ":"
                + Long.toUnsignedString(transaction.epoch())
                + ":"
                + transaction.commit().text()
                + ":"
                + Integer.toUnsignedString(change.ordinal());
    }

    /**
     * The change as one JSON object. Fails with a {@link SinkException} if the database has to be
     * asked about a type and does not answer.
     */
    public Uni<String> render(RowChange change, Set<Mark> marks) {
        return Uni.createFrom()
                .deferred(() -> plan(change.relation(), MOST_QUESTIONS))
                .map(plan -> json(change, plan, marks));
    }

    private Uni<Plan> plan(Relation relation, int questions) {
        Plan known = plans.get(relation.oid());
        if (known != null && known.relation() == relation) {
            return Uni.createFrom().item(known);
        }
        Plan made = make(relation);
        if (made != null) {
            plans.put(relation.oid(), made);
            return Uni.createFrom().item(made);
        }
        if (questions == 0) {
            String what = "The types of table " + relation.table() + " could not be asked for";
            return Uni.createFrom().failure(new SinkException(what, true));
        }
        return shapes.answers().chain(() -> plan(relation, questions - 1));
    }

    /** Null as long as not everything that it needs is known; the database is being asked then. */
    private @Nullable Plan make(Relation relation) {
        List<String> names = new ArrayList<>();
        List<Shape> known = new ArrayList<>();
        for (Column column : relation.columns()) {
            StringBuilder name = new StringBuilder();
            JsonString.append(name, column.name());
            names.add(name.append(':').toString());
            Shape shape = shape(column.type());
            if (shape != null) {
                known.add(shape);
            }
        }
        return known.size() < names.size() ? null : new Plan(relation, names, known);
    }

    /** The order of the members of a value of type json is nobody's business here. */
    private @Nullable Shape shape(int type) {
        return type == BuiltInTypes.JSON ? Shape.Scalar.JSON : shapes.of(type);
    }

    private static String json(RowChange change, Plan plan, Set<Mark> marks) {
        Transaction transaction = change.transaction();
        Sides sides = Sides.of(change);
        StringBuilder out = new StringBuilder(512);
        out.append("{\"id\":");
        JsonString.append(out, id(change));
        out.append(",\"source\":");
        JsonString.append(out, transaction.source());
        out.append(",\"operation\":\"").append(change.operation().name());
        out.append("\",\"schema\":");
        JsonString.append(out, change.table().schema());
        out.append(",\"table\":");
        JsonString.append(out, change.table().name());
        out.append(",\"timestamp\":\"").append(transaction.time());
        out.append("\",\"lsn\":\"").append(transaction.commit().text());
        out.append("\",\"xid\":").append(Integer.toUnsignedString(transaction.xid()));
        row(out.append(",\"old\":"), plan, sides.old());
        row(out.append(",\"new\":"), plan, sides.now());
        names(out.append(",\"changed_columns\":"), sides.changed());
        for (Mark mark : Mark.values()) {
            if (marks.contains(mark)) {
                out.append(",\"").append(mark.member).append("\":true");
            }
        }
        return out.append('}').toString();
    }

    private static void row(StringBuilder out, Plan plan, @Nullable List<ColumnValue> values) {
        if (values == null) {
            out.append("null");
            return;
        }
        char before = '{';
        for (int i = 0; i < values.size(); i++) {
            ColumnValue value = values.get(i);
            if (value != ColumnValue.Absent.ABSENT) {
                out.append(before).append(plan.names().get(i));
                value(out, plan.shapes().get(i), value);
                before = ',';
            }
        }
        out.append(before == '{' ? "{}" : "}");
    }

    /** What has no form in JSON that can be told from its text is that text. */
    private static void value(StringBuilder out, Shape shape, ColumnValue value) {
        switch (value) {
            case ColumnValue.Text text -> {
                int start = out.length();
                if (!ValueJson.append(out, shape, text.text())) {
                    out.setLength(start);
                    JsonString.append(out, text.text());
                }
            }
            case ColumnValue.Binary binary ->
                    JsonString.append(out, "\\x" + HexFormat.of().formatHex(binary.bytes()));
            case ColumnValue.Null nothing -> out.append("null");
            case ColumnValue.Absent absent ->
                    throw new IllegalArgumentException("Expected a value, got one that is absent");
        }
    }

    private static void names(StringBuilder out, @Nullable List<String> names) {
        if (names == null) {
            out.append("null");
            return;
        }
        char before = '[';
        for (String name : names) {
            JsonString.append(out.append(before), name);
            before = ',';
        }
        out.append(before == '[' ? "[]" : "]");
    }
}
