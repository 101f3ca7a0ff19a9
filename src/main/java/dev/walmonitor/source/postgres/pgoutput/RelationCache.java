package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.ColumnPolicy;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.types.TypeCatalogue;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tables that one stream has told of, by OID, as they were last told; and whether anybody wants
 * their changes. Owned by one decoder.
 *
 * <p>A table that was dropped stays: the log may still hold rows of it. A table that is told again
 * unchanged keeps its {@link Relation}, for others work out things by that instance.
 */
final class RelationCache {
    /** Our own tables: what we write there must never wake us. */
    private static final String OWN_SCHEMA = "wal_monitor";

    private final Interest interest;
    private final PrimaryKeys primaryKeys;
    private final @Nullable RelationCache stream;
    private final ColumnPolicy columns;
    private TypeCatalogue types;
    private final IntObjectMap<Known> known = new IntObjectHashMap<>();

    RelationCache(
            Interest interest, PrimaryKeys primaryKeys, TypeCatalogue types, ColumnPolicy columns) {
        this(interest, primaryKeys, types, columns, null);
    }

    private RelationCache(
            Interest interest,
            PrimaryKeys primaryKeys,
            TypeCatalogue types,
            ColumnPolicy columns,
            @Nullable RelationCache stream) {
        this.interest = interest;
        this.primaryKeys = primaryKeys;
        this.types = types;
        this.columns = columns;
        this.stream = stream;
    }

    /** For a transaction that was sent while it was in progress: what it tells is its own. */
    RelationCache ofTransaction() {
        return new RelationCache(interest, primaryKeys, types, columns, this);
    }

    @Nullable Known get(int oid) {
        Known own = known.get(oid);
        return own != null || stream == null ? own : stream.get(oid);
    }

    /**
     * What the server tells of a table, in place of what it told before.
     *
     * @param order of its arrival, among all that is told
     */
    Relation tell(
            int oid, TableName table, ReplicaIdentity identity, List<Column> columns, int order) {
        List<Integer> key = LaneKey.of(identity, columns, primaryKeys.of(oid));
        Known before = get(oid);
        Relation relation =
                before != null && before.isAs(table, identity, columns, key)
                        ? before.sent
                        : new Relation(oid, table, identity, columns, key);
        Known own = known.get(oid);
        if (own != null && own.sent == relation) {
            own.order = order;
            return own.relation;
        }
        return put(relation, order, before).relation;
    }

    /**
     * A transaction that was sent while it was in progress is committed: the server takes for known
     * what it told in it, unless it has told the table anew since.
     */
    void adopt(RelationCache transaction) {
        for (Known told : transaction.known.values()) {
            Known present = known.get(told.relation.oid());
            if (present == null || told.order - present.order > 0) {
                known.put(told.relation.oid(), told);
            }
        }
    }

    /** The catalogue may say something else of the table's primary key than it did. */
    void keyChanged(int oid) {
        Known of = known.get(oid);
        if (of != null) {
            rekey(of);
        }
    }

    /** As {@link #keyChanged}, for every table. */
    void keysChanged() {
        List.copyOf(known.values()).forEach(this::rekey);
    }

    /** The catalogue knows more types than it did. */
    void typesLearned(TypeCatalogue learned) {
        types = learned;
        for (Known of : List.copyOf(known.values())) {
            var _ = put(of.sent, of.order, of);
        }
    }

    private void rekey(Known of) {
        Relation relation = of.sent;
        List<Integer> key =
                LaneKey.of(relation.identity(), relation.columns(), primaryKeys.of(relation.oid()));
        if (!key.equals(relation.key())) {
            var _ =
                    put(
                            new Relation(
                                    relation.oid(),
                                    relation.table(),
                                    relation.identity(),
                                    relation.columns(),
                                    key),
                            of.order,
                            null);
        }
    }

    /**
     * @param before what is known of the table; what everybody sees of it stays the same instance
     *     if nothing has changed
     */
    private Known put(Relation sent, int order, @Nullable Known before) {
        boolean own = sent.table().schema().equals(OWN_SCHEMA);
        Veil veil;
        Relation seen;
        if (before != null && before.sent == sent) {
            veil = before.veil;
            seen = before.relation;
        } else {
            veil = Veil.of(columns, sent);
            seen = veil == null ? sent : columns.visible(sent);
        }
        Known next = new Known(sent, seen, veil, own ? (r, o) -> false : interest, types, order);
        known.put(sent.oid(), next);
        return next;
    }

    /** A table, and the answers of its interest for as long as they hold. */
    static final class Known {
        /** As the server describes it, by which its rows are read. */
        final Relation sent;

        /** As everybody sees it. */
        final Relation relation;

        /** What lies between the two; null for nothing. */
        final @Nullable Veil veil;

        /** By which values in binary form are read. */
        final TypeCatalogue types;

        private final Interest interest;
        private int order;
        private int version;
        private int asked;
        private int wanted;

        private Known(
                Relation sent,
                Relation relation,
                @Nullable Veil veil,
                Interest interest,
                TypeCatalogue types,
                int order) {
            this.sent = sent;
            this.relation = relation;
            this.veil = veil;
            this.types = types;
            this.interest = interest;
            this.order = order;
        }

        boolean wants(Operation operation) {
            int current = interest.version();
            if (current != version) {
                version = current;
                asked = 0;
            }
            int bit = bit(operation);
            if ((asked & bit) == 0) {
                asked |= bit;
                wanted = interest.wants(relation, operation) ? wanted | bit : wanted & ~bit;
            }
            return (wanted & bit) != 0;
        }

        private boolean isAs(
                TableName table,
                ReplicaIdentity identity,
                List<Column> columns,
                List<Integer> key) {
            return sent.table().equals(table)
                    && sent.identity() == identity
                    && sent.columns().equals(columns)
                    && sent.key().equals(key);
        }

        private static int bit(Operation operation) {
            return switch (operation) {
                case INSERT -> 1;
                case UPDATE -> 2;
                case DELETE -> 4;
                case TRUNCATE -> 8;
            };
        }
    }
}
