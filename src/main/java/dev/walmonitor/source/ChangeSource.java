package dev.walmonitor.source;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A database's log of committed changes.
 *
 * <p>Contract: every committed change that {@link Interest} wants is delivered at least once,
 * transactions whole and in commit order. Only demand and {@link #confirm} flow back. A position
 * that was confirmed is never gone back behind; one that was not is delivered again after a restart
 * of the process.
 */
public interface ChangeSource {

    /** The name by which users know the source. */
    String name();

    /**
     * The log as batches, from one event loop, which is the source's own; without demand the source
     * stops reading. One subscriber at a time. A source that manages its publication keeps in it
     * the tables that the interest wants. Reconnecting is the source's own business and does not
     * end the stream; it fails, with a {@link SourceException}, only when the source cannot go on
     * by itself.
     *
     * @param stored where to go on from when this process has not read before, or another one has
     *     in between
     */
    Multi<ChangeBatch> changes(Interest interest, Checkpoints stored);

    /**
     * The interest wants something that it did not want before: a source that manages its
     * publication sees to it soon. May be called from any thread.
     */
    default void interestChanged() {}

    /**
     * Writes a mark into the log, over a connection of its own, as a transaction that comes back as
     * a {@link ChangeEvent.Message} with this content. Completes with a position that does not lie
     * behind the mark's. Fails with a {@link SourceException} if the database cannot be written to.
     */
    Uni<Position> mark(String content);

    /**
     * Where the log ends now: whatever was committed before the call ends at or before it. Asked
     * over a connection of its own; fails with a {@link SourceException}.
     */
    Uni<Position> end();

    /**
     * Everything before {@code position} is done and will not be asked for again. May be called
     * from any thread; positions may only grow. A position that the source never delivered is
     * refused by closing the stream.
     */
    void confirm(Position position);

    /** May be called from any thread. */
    SourceStatus status();

    /**
     * Emits whenever {@link #status} shows another state or failure; never ends; any number of
     * subscribers.
     */
    Multi<SourceStatus> statusChanges();

    /**
     * The tables that the database has now, each with its key; asked over a connection of its own.
     */
    Uni<List<Relation>> relations();

    /**
     * How far the stream is behind and what that costs; asked over a connection of its own, so that
     * a dead stream is reported too.
     */
    Uni<LogGauges> gauges();

    /** The transaction that the source cannot read past; null if none is known. */
    default @Nullable Blocked blocked() {
        return null;
    }

    /**
     * Passes the transaction over that blocks the source, if it is the one that is meant; its
     * changes are then a gap. Never fails. May be called from any thread.
     *
     * @param xid null if only the position is said
     * @param commit null if only the number is said
     */
    default Uni<Consent> skip(@Nullable Long xid, @Nullable Position commit) {
        return Uni.createFrom()
                .item(new Consent.Refused("Source " + name() + " passes nothing over.", null));
    }

    /**
     * Gives up what was not read yet, makes the slot anew and goes on with a gap; only while nobody
     * reads. Never fails. May be called from any thread.
     *
     * @param why for people, a sentence
     */
    default Uni<Consent> reset(String why) {
        return Uni.createFrom()
                .item(new Consent.Refused("Source " + name() + " cannot be reset.", null));
    }

    /**
     * Gives up what was not confirmed yet, so that the database need not keep it any longer: leaves
     * off reading, drops the slot, makes it anew and goes on with a gap. Unlike {@link #reset} it
     * does so although this instance reads; never while anybody else does, and only if it is what
     * we have not confirmed that keeps the log. Never fails. May be called from any thread.
     *
     * @param why for people, a sentence
     */
    default Uni<Consent> giveUp(String why) {
        return Uni.createFrom()
                .item(
                        new Consent.Refused(
                                "Source " + name() + " has no slot that could be given up.", null));
    }

    /** Tells the database the last confirmed position, and lets go of it. Never fails. */
    Uni<Void> close();
}
