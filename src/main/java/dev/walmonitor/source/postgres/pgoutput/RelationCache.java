package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Interest;
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
    private final IntObjectMap<Known> known = new IntObjectHashMap<>();

    RelationCache(Interest interest, PrimaryKeys primaryKeys) {
        this.interest = interest;
        this.primaryKeys = primaryKeys;
    }

    @Nullable Known get(int oid) {
        return known.get(oid);
    }

    /** What the server tells of a table, in place of what it told before. */
    Relation tell(int oid, TableName table, ReplicaIdentity identity, List<Column> columns) {
        List<Integer> key = LaneKey.of(identity, columns, primaryKeys.of(oid));
        Known before = known.get(oid);
        if (before != null && before.isAs(table, identity, columns, key)) {
            return before.relation;
        }
        Relation relation = new Relation(oid, table, identity, columns, key);
        put(relation);
        return relation;
    }

    /** The catalogue may say something else of the table's primary key than it did. */
    void keyChanged(int oid) {
        Known of = known.get(oid);
        if (of != null) {
            rekey(of.relation);
        }
    }

    /** As {@link #keyChanged}, for every table. */
    void keysChanged() {
        List<Relation> relations = known.values().stream().map(k -> k.relation).toList();
        relations.forEach(this::rekey);
    }

    private void rekey(Relation relation) {
        List<Integer> key =
                LaneKey.of(relation.identity(), relation.columns(), primaryKeys.of(relation.oid()));
        if (!key.equals(relation.key())) {
            put(
                    new Relation(
                            relation.oid(),
                            relation.table(),
                            relation.identity(),
                            relation.columns(),
                            key));
        }
    }

    private void put(Relation relation) {
        boolean own = relation.table().schema().equals(OWN_SCHEMA);
        known.put(relation.oid(), new Known(relation, own ? (r, o) -> false : interest));
    }

    /** A table, and the answers of its interest for as long as they hold. */
    static final class Known {
        final Relation relation;
        private final Interest interest;
        private int version;
        private int asked;
        private int wanted;

        private Known(Relation relation, Interest interest) {
            this.relation = relation;
            this.interest = interest;
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
            return relation.table().equals(table)
                    && relation.identity() == identity
                    && relation.columns().equals(columns)
                    && relation.key().equals(key);
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
