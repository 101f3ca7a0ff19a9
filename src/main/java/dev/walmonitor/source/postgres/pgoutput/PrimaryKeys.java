package dev.walmonitor.source.postgres.pgoutput;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The primary keys of tables, as the catalogue had them when it was last asked. The stream does not
 * tell them: its flags mark the replica identity, which may be another index or the whole row.
 */
public interface PrimaryKeys {

    /** None is known. */
    PrimaryKeys UNKNOWN = oid -> null;

    /**
     * Answers from memory, at once, on the thread that decodes.
     *
     * @return the names of the key's columns; null if the table has no primary key, or it is not
     *     known yet
     */
    @Nullable List<String> of(int oid);
}
