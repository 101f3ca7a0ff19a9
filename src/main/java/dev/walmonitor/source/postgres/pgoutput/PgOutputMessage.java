package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message of the {@code pgoutput} plugin (protocol chapter "Logical Replication Message
 * Formats"), of any of the protocol's versions 1 to 4, with the letter it has there. Numbers of
 * transactions are unsigned 32 bits and wrap around.
 */
public sealed interface PgOutputMessage {

    /** What takes places among the changes of its transaction, whether anybody wants it or not. */
    sealed interface Counted extends PgOutputMessage {

        /**
         * The (sub-)transaction that a streamed message belongs to and may be rolled back with; 0
         * outside a block of {@link StreamStart} to {@link StreamStop}.
         */
        int subXid();

        /** How many changes it stands for: the ordinal of the next one is that much higher. */
        int changes();
    }

    /** {@code I} */
    record Insert(int subXid, Row row) implements Counted {
        @Override
        public int changes() {
            return 1;
        }
    }

    /**
     * {@code U}
     *
     * @param before null when neither the key changed nor the replica identity is FULL
     */
    record Update(int subXid, @Nullable Row before, Row after) implements Counted {
        @Override
        public int changes() {
            return 1;
        }
    }

    /**
     * {@code D}
     *
     * @param before holds the replica identity, or the whole row
     */
    record Delete(int subXid, Row before) implements Counted {
        @Override
        public int changes() {
            return 1;
        }
    }

    /**
     * {@code T}, a change for each of its tables.
     *
     * @param changes the number of tables
     * @param wanted those whose truncation somebody wants, at least one, in order
     */
    record Truncate(
            int subXid,
            int changes,
            List<Truncated> wanted,
            boolean cascade,
            boolean restartIdentity)
            implements Counted {}

    /**
     * One table of a {@link Truncate}.
     *
     * @param place the table's among all tables of the statement, from 0
     */
    record Truncated(int place, Relation relation) {}

    /**
     * {@code I}, {@code U}, {@code D} or {@code T} that nobody wants: sound, counted and dropped.
     */
    record Skipped(int subXid, int changes) implements Counted {
        /** One change outside a streamed transaction, which nearly all of them are. */
        static final Skipped ONE = new Skipped(0, 1);
    }

    /**
     * {@code M}: what somebody wrote into the log by {@code pg_logical_emit_message}.
     *
     * @param transactional whether it belongs to a transaction; if not, it stands alone in the log
     *     and counts for nothing
     * @param lsn the end of its record
     */
    record LogicalMessage(int subXid, boolean transactional, Lsn lsn, String prefix, byte[] content)
            implements Counted {
        @Override
        public int changes() {
            return transactional ? 1 : 0;
        }
    }

    /**
     * {@code R}: a table as it is from here on.
     *
     * @param relation the same instance as before if nothing has changed
     */
    record RelationMessage(int subXid, Relation relation) implements PgOutputMessage {}

    /** {@code Y}: the name of a type that is used by the tables that follow. */
    record TypeMessage(int subXid, int oid, TypeName name) implements PgOutputMessage {}

    /**
     * {@code B}
     *
     * @param commit the start of its commit record
     */
    record Begin(Lsn commit, Instant time, int xid) implements PgOutputMessage {}

    /**
     * {@code C}
     *
     * @param end behind the commit record: confirms the transaction
     */
    record Commit(Lsn commit, Lsn end, Instant time) implements PgOutputMessage {}

    /**
     * {@code O}: the transaction came from elsewhere by replication. May be repeated.
     *
     * @param commit on the server it came from; {@link Lsn#ZERO} if not known yet
     */
    record Origin(Lsn commit, String name) implements PgOutputMessage {}

    /**
     * {@code S}: a piece of a transaction in progress follows.
     *
     * @param first whether it is the transaction's first piece
     */
    record StreamStart(int xid, boolean first) implements PgOutputMessage {}

    /** {@code E} */
    record StreamStop() implements PgOutputMessage {
        static final StreamStop INSTANCE = new StreamStop();
    }

    /** {@code c} */
    record StreamCommit(int xid, Lsn commit, Lsn end, Instant time) implements PgOutputMessage {}

    /**
     * {@code A}. PostgreSQL 18 sends it to clients that never asked for streaming too; of a
     * transaction that is not known it says nothing.
     *
     * @param subXid what is rolled back; the same as {@code xid} for the whole transaction
     * @param lsn of the abort, null unless streaming is {@code parallel}
     * @param time of the abort, null unless streaming is {@code parallel}
     */
    record StreamAbort(int xid, int subXid, @Nullable Lsn lsn, @Nullable Instant time)
            implements PgOutputMessage {}

    /** {@code b} */
    record BeginPrepare(Lsn prepare, Lsn end, Instant time, int xid, String gid)
            implements PgOutputMessage {}

    /** {@code P} */
    record Prepare(Lsn prepare, Lsn end, Instant time, int xid, String gid)
            implements PgOutputMessage {}

    /** {@code K}. May come without a {@link Prepare}. */
    record CommitPrepared(Lsn commit, Lsn end, Instant time, int xid, String gid)
            implements PgOutputMessage {}

    /** {@code r}. May come without a {@link Prepare}. */
    record RollbackPrepared(
            Lsn prepareEnd,
            Lsn rollbackEnd,
            Instant prepareTime,
            Instant rollbackTime,
            int xid,
            String gid)
            implements PgOutputMessage {}

    /** {@code p} */
    record StreamPrepare(Lsn prepare, Lsn end, Instant time, int xid, String gid)
            implements PgOutputMessage {}
}
