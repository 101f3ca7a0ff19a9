package dev.walmonitor.sink.redis;

/**
 * How late a value is. A write is refused in Redis if the record beside the value shows a later
 * fence; fences of different kinds are never of one key.
 *
 * <p>Numbers are unsigned. Snapshots are as {@code pg_current_snapshot()} prints them: {@code
 * xmin:xmax:xip,xip}.
 */
public sealed interface Fence {

    /** Of which log, as {@code LogIdentity} counts them; a later one beats every earlier one. */
    long epoch();

    /**
     * A change's own values of a row, or its end.
     *
     * @param position of the commit
     * @param ordinal among the changes of the transaction
     * @param xid the transaction's number, 32 bits
     */
    record Change(long epoch, long position, int ordinal, int xid) implements Fence {}

    /**
     * A row as it was read. It is later than the changes that the snapshot sees, and earlier than
     * all others of the row: of one row they become visible in the order of their commits.
     */
    record Sight(long epoch, String snapshot) implements Fence {}

    /**
     * The answer of a query on a primary: what snapshots of one primary see is totally ordered by
     * their end, and by how many transactions ran.
     */
    record Answer(long epoch, String snapshot) implements Fence {

        /** The end of the snapshot. */
        String xmax() {
            return snapshot.substring(snapshot.indexOf(':') + 1, snapshot.lastIndexOf(':'));
        }

        /** How many transactions ran. */
        int running() {
            String list = snapshot.substring(snapshot.lastIndexOf(':') + 1);
            return list.isEmpty() ? 0 : (int) list.chars().filter(c -> c == ',').count() + 1;
        }
    }

    /**
     * The answer of a query on a replica.
     *
     * @param position what the replica had replayed before the query began
     */
    record Replayed(long epoch, long position) implements Fence {}
}
