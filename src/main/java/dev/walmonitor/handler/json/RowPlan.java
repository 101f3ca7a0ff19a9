package dev.walmonitor.handler.json;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Relation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How rows of one relation are written. Immutable. */
final class RowPlan {
    private static final int NOT_THERE = -1;

    private final Relation relation;
    private final List<Member> members;
    private final int constant;

    /**
     * @param prefix everything between the value before and the column's own
     */
    private record Member(int column, String prefix, Shape shape) {}

    private RowPlan(Relation relation, List<Member> members) {
        this.relation = relation;
        this.members = List.copyOf(members);
        this.constant = members.stream().mapToInt(m -> m.prefix().length() + 4).sum() + 2;
    }

    /** Null as long as not everything that it needs is known. */
    static @Nullable RowPlan of(Relation relation, TypeShapes shapes) {
        List<Shape> known = shapes(relation, shapes);
        Boolean utf8 = isAscii(relation) ? Boolean.TRUE : shapes.sortsByUtf8();
        if (known.size() < relation.columns().size() || utf8 == null) {
            return null;
        }
        List<KeyName> names =
                relation.columns().stream().map(column -> new KeyName(column.name())).toList();
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparing(names::get));
        List<Member> members = new ArrayList<>();
        StringBuilder prefix = new StringBuilder("{");
        for (int column : order) {
            JsonString.append(prefix, names.get(column).text());
            Shape shape = utf8 ? known.get(column) : Shape.Opaque.OPAQUE;
            members.add(new Member(column, prefix.append(": ").toString(), shape));
            prefix.setLength(0);
            prefix.append(", ");
        }
        return new RowPlan(relation, members);
    }

    /** Those that are known; the database is asked about all the others at once. */
    private static List<Shape> shapes(Relation relation, TypeShapes shapes) {
        List<Shape> known = new ArrayList<>();
        for (Column column : relation.columns()) {
            Shape shape = shapes.of(column.type());
            if (shape != null) {
                known.add(shape);
            }
        }
        return known;
    }

    private static boolean isAscii(Relation relation) {
        return relation.columns().stream().allMatch(c -> new KeyName(c.name()).isAscii());
    }

    Relation relation() {
        return relation;
    }

    @Nullable String render(List<ColumnValue> values) {
        int capacity = capacity(values);
        if (capacity == NOT_THERE) {
            return null;
        }
        StringBuilder out = new StringBuilder(capacity);
        for (Member member : members) {
            out.append(member.prefix());
            if (values.get(member.column()) instanceof ColumnValue.Text value) {
                if (!ValueJson.append(out, member.shape(), value.text())) {
                    return null;
                }
            } else {
                out.append("null");
            }
        }
        return out.append(members.isEmpty() ? "{}" : "}").toString();
    }

    /** Room for everything unless much has to be escaped. */
    private int capacity(List<ColumnValue> values) {
        int size = constant;
        for (ColumnValue value : values) {
            switch (value) {
                case ColumnValue.Text text -> size += text.text().length() + 2;
                case ColumnValue.Null n -> {}
                case ColumnValue.Binary b -> {
                    return NOT_THERE;
                }
                case ColumnValue.Absent a -> {
                    return NOT_THERE;
                }
            }
        }
        return size;
    }
}
