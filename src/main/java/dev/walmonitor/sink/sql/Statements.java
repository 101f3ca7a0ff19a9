package dev.walmonitor.sink.sql;

import dev.walmonitor.change.TableName;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Statements that are run in one database, each once a change: which changes were applied stands in
 * a ledger there, the table {@code wal_monitor_applied}, which is written in the same transaction.
 *
 * <p>Values are as those of {@link Queries}. Every failure is a {@link
 * dev.walmonitor.sink.SinkException}.
 */
public interface Statements {

    /** Which database it is and which run of its server; the same text for the same one only. */
    Query IDENTITY =
            Query.of(
                    "select current_database() || ' ' || extract(epoch from pg_postmaster_start_time())"
                            + " || ' ' || (select system_identifier from pg_control_system())"
                            + " as identity");

    /**
     * What identifies a change of a rule in the ledger.
     *
     * @param commit the position of its commit as a number, unsigned
     */
    record Entry(String source, long epoch, String rule, long commit, int ordinal) {}

    /**
     * Runs the statement, unless the ledger says that this was done before.
     *
     * @return how many rows it wrote; empty if it was not run
     */
    Uni<OptionalLong> apply(Query statement, List<@Nullable String> values, Entry entry);

    /**
     * The tables that a statement writes to by itself, those of which they are partitions, and
     * those which are partitions of them; what triggers and functions write to is not known. Fails
     * if the database refuses the statement: for its text, for what it names, for a missing right.
     * Nothing is run.
     */
    Uni<Set<TableName>> targets(Query statement);

    /** What {@link #IDENTITY} gives here. */
    Uni<String> identity();

    /**
     * What keeps the ledger from being used or made, with the statements that mend it; nothing is
     * made. Empty if all is well.
     */
    Uni<Optional<String>> ledgerFault();

    /** The ledger's name. */
    TableName ledger();

    /**
     * Forgets entries of a source that lie before a place: of earlier epochs, and of this epoch
     * with a commit below it.
     *
     * @param commit a position as a number, unsigned
     * @param most how many at once
     * @return how many were forgotten
     */
    Uni<Integer> forget(String source, long epoch, long commit, int most);
}
