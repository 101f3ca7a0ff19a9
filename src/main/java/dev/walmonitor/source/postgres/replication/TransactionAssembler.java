package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TraceContext;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes the events of a batch out of the messages of a stream: gives every change its transaction
 * and its ordinal, and leaves out transactions in which nobody wants anything. Owned by the
 * connection's event loop; one instance a connection.
 */
final class TransactionAssembler {
    /** The prefix of the messages that we write into the log ourselves. */
    static final String OWN_PREFIX = "wal_monitor";

    /**
     * The prefix of the message by which an application says where a transaction belongs in its own
     * trace.
     */
    static final String TRACE_PREFIX = OWN_PREFIX + ".traceparent";

    private final String source;
    private final Traced traced;
    private List<ChangeEvent> events = new ArrayList<>();
    private PgOutputMessage.@Nullable Begin begin;
    private @Nullable Transaction transaction;
    private boolean wanted;
    private int ordinal;
    private @Nullable TraceContext trace;
    private @Nullable Lsn progress;
    private boolean hurry;
    private @Nullable Lsn lastEnd;
    private @Nullable Lsn lastEndTaken;
    private @Nullable Lsn lastBegun;
    private @Nullable Lsn told;
    private long epoch;
    private @Nullable Gap untold;

    /** Counts what applications say about their traces. */
    @FunctionalInterface
    interface Traced {
        /**
         * @param readable whether it was a place in a trace
         */
        void came(boolean readable);
    }

    TransactionAssembler(String source, Traced traced) {
        this.source = source;
        this.traced = traced;
    }

    /** How many events wait to be taken. */
    int size() {
        return events.size();
    }

    /** Whether there is anything to take. */
    boolean hasNews() {
        return !events.isEmpty() || (progress != null && transaction == null);
    }

    /**
     * The stream starts.
     *
     * @param told transactions that were committed up to here may have come before; null if none
     */
    void resumed(Resumption.Go go, @Nullable Lsn told) {
        this.told = told;
        epoch = go.log().epoch();
        untold = go.gap();
        events.add(new ChangeEvent.Resumed(go.from(), go.log(), go.gap()));
    }

    /** Changes of some tables up to here were lost. */
    void missed(Gap gap) {
        events.add(new ChangeEvent.Missed(gap));
    }

    /**
     * Behind the last transaction that came whole and was taken; null if none was. What waits here
     * when the stream ends is lost with it, and has to come again.
     */
    @Nullable Lsn lastEndTaken() {
        return lastEndTaken;
    }

    /** The gap that the stream began with, as long as it was not taken. */
    @Nullable Gap untold() {
        return untold;
    }

    /** The commit of the last transaction of which something was told; null if of none. */
    @Nullable Lsn lastBegun() {
        return lastBegun;
    }

    /** Takes what has been made since the last time; empty if nothing was. */
    List<ChangeEvent> take() {
        if (transaction == null) {
            flushProgress();
        }
        lastEndTaken = lastEnd;
        untold = null;
        List<ChangeEvent> taken = events;
        events = new ArrayList<>();
        return taken;
    }

    void begin(PgOutputMessage.Begin message) {
        begin = message;
        ordinal = 0;
        trace = null;
    }

    void insert(PgOutputMessage.Insert message) {
        events.add(new RowChange.Insert(open(), ordinal++, message.row()));
    }

    void update(PgOutputMessage.Update message) {
        events.add(new RowChange.Update(open(), ordinal++, message.before(), message.after()));
    }

    void delete(PgOutputMessage.Delete message) {
        events.add(new RowChange.Delete(open(), ordinal++, message.before()));
    }

    void truncate(PgOutputMessage.Truncate message) {
        for (PgOutputMessage.Truncated table : message.wanted()) {
            events.add(
                    new RowChange.Truncate(
                            open(),
                            ordinal + table.place(),
                            table.relation(),
                            message.cascade(),
                            message.restartIdentity()));
        }
        ordinal += message.changes();
    }

    void skipped(PgOutputMessage.Skipped message) {
        ordinal += message.changes();
    }

    void logicalMessage(PgOutputMessage.LogicalMessage message) {
        boolean ours = message.prefix().startsWith(OWN_PREFIX);
        boolean tells = ours && message.prefix().equals(TRACE_PREFIX);
        if (tells) {
            traced(message);
        }
        if (message.transactional()) {
            if (ours && !tells) {
                boolean wantedBefore = wanted;
                events.add(
                        new ChangeEvent.Message(
                                open(), message.lsn(), message.prefix(), message.content()));
                wanted = wantedBefore;
            }
            ordinal += message.changes();
        } else if (ours && !tells) {
            flushProgress();
            events.add(
                    new ChangeEvent.Message(
                            null, message.lsn(), message.prefix(), message.content()));
        } else {
            progress(message.lsn());
        }
    }

    /** The first place that can be read is the transaction's. */
    private void traced(PgOutputMessage.LogicalMessage message) {
        TraceContext place = message.transactional() ? TraceContext.parse(message.content()) : null;
        traced.came(place != null);
        if (place != null && trace == null) {
            trace = place;
            if (transaction != null) {
                transaction = joined(transaction, place);
            }
        }
    }

    /**
     * The message came behind changes: what follows belongs to the trace, and so does what has not
     * been taken yet.
     */
    private Transaction joined(Transaction was, TraceContext place) {
        Transaction now = was.within(place);
        for (int i = events.size() - 1; i >= 0; i--) {
            if (events.get(i) instanceof RowChange change && change.transaction().equals(was)) {
                events.set(i, change.in(now));
            } else {
                break;
            }
        }
        return now;
    }

    /**
     * @return whether anybody wanted any change of the transaction
     */
    boolean commit(PgOutputMessage.Commit message) {
        boolean changed = wanted;
        wanted = false;
        if (transaction != null) {
            events.add(new ChangeEvent.Commit(transaction, message.end()));
        } else {
            progress(message.end());
        }
        begin = null;
        transaction = null;
        lastEnd = message.end();
        return changed;
    }

    /** The open transaction, as the server began it; null outside of one. */
    PgOutputMessage.@Nullable Begin begun() {
        return begin;
    }

    /** The open transaction ends without its changes, which are a gap. */
    void passedOver(PgOutputMessage.Commit message) {
        flushProgress();
        events.add(
                new ChangeEvent.Missed(
                        Gap.of(
                                message.commit(),
                                message.end(),
                                "An operator had the transaction passed over.")));
        wanted = false;
        begin = null;
        progress(message.end());
        lastEnd = message.end();
    }

    /**
     * @return whether everything before the position is known to have come, which is not so inside
     *     a transaction
     */
    boolean keepalive(Lsn end, boolean replyRequested) {
        if (begin != null) {
            return false;
        }
        progress(end);
        hurry |= replyRequested;
        return true;
    }

    private void progress(Lsn position) {
        progress = progress == null ? position : Position.later(progress, position);
    }

    private void flushProgress() {
        if (progress != null) {
            events.add(new ChangeEvent.Progress(progress, hurry));
            progress = null;
            hurry = false;
        }
    }

    /** The open transaction, begun with its first change that is wanted. */
    private Transaction open() {
        wanted = true;
        if (transaction == null) {
            PgOutputMessage.Begin b =
                    Objects.requireNonNull(begin, "the decoder lets no change come outside of one");
            flushProgress();
            Delivery delivery =
                    told == null || b.commit().isAfter(told) ? Delivery.FIRST : Delivery.AGAIN;
            transaction =
                    new Transaction(source, epoch, b.commit(), b.time(), b.xid(), delivery, trace);
            lastBegun = b.commit();
            events.add(new ChangeEvent.Begin(transaction));
        }
        return transaction;
    }
}
