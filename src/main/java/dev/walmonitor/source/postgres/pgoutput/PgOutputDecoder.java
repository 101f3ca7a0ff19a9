package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.ColumnPolicy;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Delete;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.LogicalMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.RelationMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Skipped;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Truncate;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Truncated;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.TypeMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Update;
import dev.walmonitor.source.postgres.types.TypeCatalogue;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns the messages of one stream into values. One instance a connection (what the server told
 * before a reconnect holds no longer), owned by the event loop that reads it; synchronous, asks
 * nobody, keeps no buffer.
 *
 * <p>Every message of the protocol's versions 1 to 4 is decoded, whatever was asked for at the
 * start: PostgreSQL 18 sends some to clients of version 1. A change that the {@link Interest} does
 * not want, and every change of our own schema, is checked and counted, and nothing is made of it.
 *
 * <p>After a {@link DecodeException} the stream cannot be read on, and this instance is spent.
 */
public final class PgOutputDecoder {
    /** Oid, type modifier, flags, and a name of nothing but its end. */
    private static final int SMALLEST_COLUMN = 4 + 4 + 1 + 1;

    private final FrameReader in = new FrameReader();
    private final TransactionMessages transactions;
    private final IntObjectMap<TypeName> types;
    private final RelationCache relations;
    private @Nullable PgOutputDecoder streamed;
    private int told;
    private Skipped skipped = Skipped.ONE;

    /** Of a stream that was not asked for values in binary form. */
    public PgOutputDecoder(Interest interest, PrimaryKeys primaryKeys) {
        this(interest, primaryKeys, TypeCatalogue.NONE, ColumnPolicy.NONE);
    }

    /**
     * @param catalogue by which values in binary form become text
     * @param columns what nobody may see
     */
    public PgOutputDecoder(
            Interest interest,
            PrimaryKeys primaryKeys,
            TypeCatalogue catalogue,
            ColumnPolicy columns) {
        this.transactions = new TransactionMessages(in);
        this.types = new IntObjectHashMap<>();
        this.relations = new RelationCache(interest, primaryKeys, catalogue, columns);
    }

    /** For a transaction that was sent while it was in progress. */
    private PgOutputDecoder(PgOutputDecoder stream) {
        this.transactions = TransactionMessages.ofTransaction(in);
        this.types = stream.types;
        this.relations = stream.relations.ofTransaction();
    }

    /**
     * A decoder for the messages of a transaction that was sent while it was in progress, and is
     * committed now: as they stood in its blocks, but without the number of their sub-transaction.
     * Until {@link #adopt} it is the only one.
     */
    public PgOutputDecoder ofTransaction() {
        PgOutputDecoder decoder = new PgOutputDecoder(this);
        streamed = decoder;
        return decoder;
    }

    /**
     * The transaction has been decoded. What it told of tables holds for the stream from here on,
     * but for what the stream was told later.
     */
    public void adopt(PgOutputDecoder transaction) {
        relations.adopt(transaction.relations);
        streamed = null;
    }

    /**
     * The place of a {@code R} that is put by, among all that this stream tells; for {@link
     * #decodeTold}.
     */
    public int nextTold() {
        return ++told;
    }

    /**
     * Decodes a {@code R} that was put by.
     *
     * @param order what {@link #nextTold} answered when it came
     */
    public PgOutputMessage decodeTold(ByteBuf buffer, int offset, int length, int order) {
        told = order - 1;
        return decode(buffer, offset, length);
    }

    /**
     * Decodes one message, which is the whole of {@code length} bytes. The buffer's indexes are
     * neither used nor moved.
     *
     * @param offset absolute, in {@code buffer}
     * @throws DecodeException if it is not a message of the protocol, or not one that can follow
     *     those before it
     */
    public PgOutputMessage decode(ByteBuf buffer, int offset, int length) {
        in.open(buffer, offset, length);
        byte type = in.int8("a message's type");
        PgOutputMessage message =
                switch (type) {
                    case 'I' -> insert();
                    case 'U' -> update();
                    case 'D' -> delete();
                    case 'B' -> transactions.begin();
                    case 'C' -> transactions.commit();
                    case 'R' -> relation();
                    case 'T' -> truncate();
                    case 'M' -> logicalMessage();
                    case 'Y' -> type();
                    case 'O' -> transactions.origin();
                    case 'S' -> transactions.streamStart();
                    case 'E' -> transactions.streamStop();
                    case 'c' -> transactions.streamCommit();
                    case 'A' -> transactions.streamAbort();
                    case 'b' -> transactions.beginPrepare();
                    case 'P' -> transactions.prepare();
                    case 'K' -> transactions.commitPrepared();
                    case 'r' -> transactions.rollbackPrepared();
                    case 'p' -> transactions.streamPrepare();
                    default ->
                            throw in.malformed(
                                    "a message of pgoutput 1 to 4",
                                    "type " + DecodeException.printable(type));
                };
        in.end();
        return message;
    }

    /**
     * To be called when {@link PrimaryKeys} may answer otherwise for a table: if the key by which
     * its rows are told apart is another one now, changes that follow carry a new {@link Relation}.
     */
    public void keyChanged(int oid) {
        relations.keyChanged(oid);
        if (streamed != null) {
            streamed.keyChanged(oid);
        }
    }

    /** As {@link #keyChanged}, for every table. */
    public void keysChanged() {
        relations.keysChanged();
        if (streamed != null) {
            streamed.keysChanged();
        }
    }

    /** The catalogue was read anew; changes that follow are read by it. */
    public void typesLearned(TypeCatalogue catalogue) {
        relations.typesLearned(catalogue);
        if (streamed != null) {
            streamed.typesLearned(catalogue);
        }
    }

    /**
     * The name of a type that the stream has told of; null for built-in ones, which it never does.
     */
    public @Nullable TypeName typeName(int oid) {
        return types.get(oid);
    }

    private PgOutputMessage insert() {
        int subXid = changeOf();
        RelationCache.Known table = table();
        byte kind = in.int8("kind of a tuple");
        if (kind != 'N') {
            throw wrongTuple("'N'", kind);
        }
        if (!table.wants(Operation.INSERT)) {
            TupleRow.skip(in, table.sent);
            return skipped(subXid);
        }
        return new Insert(subXid, TupleRow.now(in, table, null));
    }

    private PgOutputMessage update() {
        int subXid = changeOf();
        RelationCache.Known table = table();
        boolean wanted = table.wants(Operation.UPDATE);
        TupleRow before = null;
        byte kind = in.int8("kind of a tuple");
        if (kind == 'K' || kind == 'O') {
            before = oldRow(table, kind, wanted);
            kind = in.int8("kind of a tuple");
            if (kind != 'N') {
                throw wrongTuple("'N'", kind);
            }
        } else if (kind != 'N') {
            throw wrongTuple("'K', 'O' or 'N'", kind);
        }
        if (!wanted) {
            TupleRow.skip(in, table.sent);
            return skipped(subXid);
        }
        return new Update(subXid, before, TupleRow.now(in, table, before));
    }

    private PgOutputMessage delete() {
        int subXid = changeOf();
        RelationCache.Known table = table();
        byte kind = in.int8("kind of a tuple");
        if (kind != 'K' && kind != 'O') {
            throw wrongTuple("'K' or 'O'", kind);
        }
        TupleRow before = oldRow(table, kind, table.wants(Operation.DELETE));
        return before == null ? skipped(subXid) : new Delete(subXid, before);
    }

    private @Nullable TupleRow oldRow(RelationCache.Known table, byte kind, boolean wanted) {
        if (wanted) {
            return TupleRow.old(in, table, kind == 'K');
        }
        TupleRow.skip(in, table.sent);
        return null;
    }

    private PgOutputMessage truncate() {
        int subXid = changeOf();
        int tables = in.count(in.int32("number of tables"), 1, Integer.BYTES, "tables");
        int flags = in.flags(3);
        List<Truncated> wanted = new ArrayList<>();
        for (int place = 0; place < tables; place++) {
            RelationCache.Known table = table();
            if (table.wants(Operation.TRUNCATE)) {
                wanted.add(new Truncated(place, table.relation));
            }
        }
        return wanted.isEmpty()
                ? new Skipped(subXid, tables)
                : new Truncate(
                        subXid, tables, List.copyOf(wanted), (flags & 1) != 0, (flags & 2) != 0);
    }

    private LogicalMessage logicalMessage() {
        int subXid = subXid();
        boolean transactional = in.flag();
        if (transactional) {
            transactions.inside();
        } else {
            transactions.outside();
        }
        Lsn lsn = in.lsnSet("a message's position");
        String prefix = in.string("a prefix");
        int length = in.length("content");
        int content = in.position();
        in.skip(length);
        return new LogicalMessage(
                subXid, transactional, lsn, prefix, in.copy(content, content + length));
    }

    private RelationMessage relation() {
        int subXid = subXid();
        int oid = in.int32("a table's OID");
        TableName table = new TableName(schema(), in.string("a table's name"));
        ReplicaIdentity identity = identity();
        int columns = in.count(in.int16("number of columns"), 0, SMALLEST_COLUMN, "columns");
        List<Column> list = new ArrayList<>(columns);
        for (int i = 0; i < columns; i++) {
            list.add(column());
        }
        in.end();
        return new RelationMessage(subXid, relations.tell(oid, table, identity, list, ++told));
    }

    private Column column() {
        boolean key = in.flag();
        return new Column(
                in.string("a column's name"),
                in.int32("a column's type"),
                in.int32("a column's type modifier"),
                key);
    }

    private ReplicaIdentity identity() {
        byte identity = in.int8("a replica identity");
        return switch (identity) {
            case 'd' -> ReplicaIdentity.DEFAULT;
            case 'n' -> ReplicaIdentity.NOTHING;
            case 'f' -> ReplicaIdentity.FULL;
            case 'i' -> ReplicaIdentity.INDEX;
            default ->
                    throw in.malformed(
                            "a replica identity ('d', 'n', 'f' or 'i')",
                            DecodeException.printable(identity));
        };
    }

    private TypeMessage type() {
        int subXid = subXid();
        int oid = in.int32("a type's OID");
        TypeName name = new TypeName(schema(), in.string("a type's name"));
        in.end();
        types.put(oid, name);
        return new TypeMessage(subXid, oid, name);
    }

    /** The catalogue's own schema travels as an empty name. */
    private String schema() {
        String schema = in.string("a schema");
        return schema.isEmpty() ? "pg_catalog" : schema;
    }

    /** The start of every change. */
    private int changeOf() {
        transactions.inside();
        return subXid();
    }

    private int subXid() {
        return transactions.inBlock() ? in.int32("a sub-transaction") : 0;
    }

    private RelationCache.Known table() {
        int oid = in.int32("a table's OID");
        RelationCache.Known table = relations.get(oid);
        in.about(table == null ? null : table.relation);
        if (table == null) {
            throw in.malformed(
                    "a table that the server has told of",
                    "one of OID " + Integer.toUnsignedString(oid));
        }
        return table;
    }

    private DecodeException wrongTuple(String expected, byte kind) {
        return in.malformed("a tuple of kind " + expected, DecodeException.printable(kind));
    }

    /** One change that nobody wants. */
    private Skipped skipped(int subXid) {
        if (skipped.subXid() != subXid) {
            skipped = subXid == 0 ? Skipped.ONE : new Skipped(subXid, 1);
        }
        return skipped;
    }
}
