package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.ColumnValue.Absent;
import dev.walmonitor.change.ColumnValue.Binary;
import dev.walmonitor.change.ColumnValue.Null;
import dev.walmonitor.change.ColumnValue.Text;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.source.postgres.types.TypeCatalogue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A row as TupleData of the protocol: one copy of the columns' bytes, checked when it was made and
 * decoded when a value is asked for.
 *
 * <p>Each column is a kind, followed for {@code t} and {@code b} by an Int32 length and that many
 * bytes. A column that did not change and is too large to be sent again ({@code u}) has the value
 * of the old row, where one was sent with that column in it, and is absent otherwise. In an old row
 * that holds the replica identity only ({@code K}) the server sends every other column as {@code
 * n}, which is not NULL but absent.
 */
final class TupleRow implements Row {
    private static final byte NULL = 'n';
    private static final byte UNCHANGED = 'u';
    private static final byte TEXT = 't';
    private static final byte BINARY = 'b';

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final Relation relation;
    private final Relation sent;
    private final @Nullable Veil veil;
    private final byte[] tuple;
    private final boolean identityOnly;
    private final @Nullable TupleRow old;
    private final TypeCatalogue types;

    private TupleRow(
            RelationCache.Known table, byte[] tuple, boolean identityOnly, @Nullable TupleRow old) {
        this.relation = table.relation;
        this.sent = table.sent;
        this.veil = table.veil;
        this.types = table.types;
        this.tuple = tuple;
        this.identityOnly = identityOnly;
        this.old = old;
    }

    /** An old row: the whole of it, or the replica identity only. */
    static TupleRow old(FrameReader in, RelationCache.Known table, boolean identityOnly) {
        return new TupleRow(table, read(in, table.sent), identityOnly, null);
    }

    /**
     * @param old the row before, where it was sent
     */
    static TupleRow now(FrameReader in, RelationCache.Known table, @Nullable TupleRow old) {
        return new TupleRow(table, read(in, table.sent), false, old);
    }

    /** Checks a tuple that nobody wants, and keeps nothing of it. */
    static void skip(FrameReader in, Relation relation) {
        int expected = relation.columns().size();
        int columns = in.int16("number of columns");
        if (columns != expected) {
            throw in.malformed("a tuple of " + expected + " columns", Integer.toString(columns));
        }
        for (int i = 0; i < columns; i++) {
            byte kind = in.int8("kind of a column");
            switch (kind) {
                case TEXT, BINARY -> in.skip(in.length("a column"));
                case NULL, UNCHANGED -> {}
                default ->
                        throw in.malformed(
                                "a column's kind ('n', 'u', 't' or 'b')",
                                DecodeException.printable(kind));
            }
        }
    }

    private static byte[] read(FrameReader in, Relation relation) {
        int count = in.position();
        skip(in, relation);
        return in.copy(count + Short.BYTES, in.position());
    }

    @Override
    public Relation relation() {
        return relation;
    }

    @Override
    public ColumnValue value(int column) {
        Veil covers = veil;
        if (covers == null) {
            return sentValue(column, find(column));
        }
        int place = covers.place(column);
        return covers.over(column, sentValue(place, find(place)));
    }

    @Override
    public List<ColumnValue> values() {
        List<ColumnValue> values = new ArrayList<>(size());
        if (veil != null) {
            for (int column = 0; column < size(); column++) {
                values.add(value(column));
            }
            return values;
        }
        int at = 0;
        for (int column = 0; column < size(); column++) {
            values.add(sentValue(column, at));
            at = after(at);
        }
        return values;
    }

    /** The bytes, and the objects around them; the old row weighs for itself. */
    @Override
    public int weight() {
        return 48 + tuple.length;
    }

    @Override
    public boolean has(List<Integer> columns) {
        for (int i = 0; i < columns.size(); i++) {
            if (!has(place(columns.get(i)))) {
                return false;
            }
        }
        return true;
    }

    /** As the contract has it, from the bytes: text makes no String unless it goes beyond ASCII. */
    @Override
    public int hash(List<Integer> columns) {
        int hash = 1;
        for (int i = 0; i < columns.size(); i++) {
            hash = 31 * hash + seenHash(columns.get(i));
        }
        return hash;
    }

    /** The table only; values belong in no log. */
    @Override
    public String toString() {
        return "row of " + relation;
    }

    /** What was sent, whoever may see it. */
    private ColumnValue sentValue(int column, int at) {
        return switch (tuple[at]) {
            case TEXT ->
                    new Text(new String(tuple, content(at), length(at), StandardCharsets.UTF_8));
            case BINARY -> binary(column, at);
            case UNCHANGED -> old == null ? Absent.ABSENT : old.sentValue(column, old.find(column));
            default -> isSent(column) ? Null.NULL : Absent.ABSENT;
        };
    }

    /** As text too, wherever the type allows it, so that nobody need know how the value came. */
    private ColumnValue binary(int column, int at) {
        int type = sent.columns().get(column).type();
        String text = types.text(type, tuple, content(at), after(at));
        return text == null
                ? new Binary(Arrays.copyOfRange(tuple, content(at), after(at)))
                : new Text(text);
    }

    private int place(int column) {
        return veil == null ? column : veil.place(column);
    }

    private int seenHash(int column) {
        if (veil == null || veil.shows(column)) {
            return hash(place(column));
        }
        String text = value(column).textOrNull();
        return text == null ? 0 : text.hashCode();
    }

    private boolean has(int column) {
        return switch (tuple[find(column)]) {
            case TEXT, BINARY -> true;
            case UNCHANGED -> old != null && old.has(column);
            default -> isSent(column);
        };
    }

    private boolean isSent(int column) {
        return !identityOnly || sent.columns().get(column).identity();
    }

    private int hash(int column) {
        int at = find(column);
        return switch (tuple[at]) {
            case TEXT -> hashOfText(content(at), after(at));
            case BINARY ->
                    switch (binary(column, at)) {
                        case Text t -> t.text().hashCode();
                        case Binary b -> b.hashCode();
                        case Null n -> 0;
                        case Absent a -> 0;
                    };
            case UNCHANGED -> old == null ? 0 : old.hash(column);
            default -> 0;
        };
    }

    /** What {@link String#hashCode} of the text is. */
    private int hashOfText(int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            byte b = tuple[i];
            if (b < 0) {
                return new String(tuple, from, to - from, StandardCharsets.UTF_8).hashCode();
            }
            hash = 31 * hash + b;
        }
        return hash;
    }

    /** Where a column begins; the columns before it are stepped over. */
    private int find(int column) {
        int steps = Objects.checkIndex(column, sent.columns().size());
        int at = 0;
        for (int i = 0; i < steps; i++) {
            at = after(at);
        }
        return at;
    }

    /** Where the column behind the one at {@code at} begins. */
    private int after(int at) {
        byte kind = tuple[at];
        return kind == TEXT || kind == BINARY ? content(at) + length(at) : at + 1;
    }

    private static int content(int at) {
        return at + 1 + Integer.BYTES;
    }

    private int length(int at) {
        return (int) INT.get(tuple, at + 1);
    }
}
