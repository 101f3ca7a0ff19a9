package dev.walmonitor.change;

import org.jspecify.annotations.Nullable;

/**
 * What a source tells, in the order of the log: {@code Resumed (Begin RowChange* Commit | Message |
 * Progress | Missed)*}, again and again. A transaction without a change that anybody wants leaves
 * no Begin and no Commit, only Progress.
 */
public sealed interface ChangeEvent
        permits ChangeEvent.Resumed,
                ChangeEvent.Begin,
                ChangeEvent.Commit,
                ChangeEvent.Message,
                ChangeEvent.Progress,
                ChangeEvent.Missed,
                RowChange {

    /**
     * The stream starts (again). A transaction that was begun and not committed comes again whole,
     * from its Begin; nothing that was committed before comes again within one process.
     *
     * @param from where the stream starts
     * @param log the log that the positions from here on belong to
     * @param gap what was lost before {@code from}; null if nothing was
     */
    record Resumed(Position from, LogIdentity log, @Nullable Gap gap) implements ChangeEvent {}

    /**
     * Changes of some tables were lost while the stream ran, as when a table comes to be published
     * only now.
     */
    record Missed(Gap gap) implements ChangeEvent {}

    /** The first of a transaction's events. */
    record Begin(Transaction transaction) implements ChangeEvent {}

    /**
     * The last of a transaction's events.
     *
     * @param end the position that confirms the transaction, behind its commit record
     */
    record Commit(Transaction transaction, Position end) implements ChangeEvent {}

    /**
     * A message that somebody wrote into the log ({@code pg_logical_emit_message}).
     *
     * @param transaction null if the message is not part of one
     * @param position of its own record
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Message(
            @Nullable Transaction transaction, Position position, String prefix, byte[] content)
            implements ChangeEvent {}

    /**
     * Everything before {@code position} has been told; no transaction is open.
     *
     * @param hurry whether the database waits for the answer, as it does when it shuts down
     */
    record Progress(Position position, boolean hurry) implements ChangeEvent {}
}
