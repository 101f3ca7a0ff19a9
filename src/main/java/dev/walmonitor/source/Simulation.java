package dev.walmonitor.source;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.TableName;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Changes in the tables of a source's database, such as an application would make, for trying
 * rules. It touches no row but those that it inserted itself. One deed after the other; not
 * thread-safe. Fails with a {@link SourceException}.
 */
public interface Simulation {

    /**
     * What can be done.
     *
     * @param tables where it will write
     * @param left what it leaves alone although it is wanted, and why, a sentence each
     * @param demo whether it is the demo's database, in which nobody minds
     */
    record Plan(List<TableName> tables, List<String> left, boolean demo) {
        public Plan {
            tables = List.copyOf(tables);
            left = List.copyOf(left);
        }
    }

    /**
     * One statement.
     *
     * @param failure why the database refused it; null if it did not
     */
    record Deed(TableName table, Operation operation, @Nullable String failure) {}

    /**
     * Looks at the tables.
     *
     * @param wanted which
     */
    Uni<Plan> plan(Predicate<TableName> wanted);

    /** Does something in one of the tables. */
    Uni<Deed> next();

    /**
     * Deletes the rows that it inserted and that are still there.
     *
     * @return how many could not be deleted
     */
    Uni<Integer> tidyUp();

    /** Lets go of the database. Never fails. */
    Uni<Void> close();
}
