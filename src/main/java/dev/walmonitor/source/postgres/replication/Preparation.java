package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.TableName;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known before a stream starts: the server is the right one, the publication holds what is
 * wanted, the slot is there and free.
 *
 * @param confirmedFlush the slot's, or where the stream goes on if that lies before it
 * @param resumption from where the stream is asked for
 * @param told transactions that were committed up to here may have come before; null if none
 * @param published the tables that were added to the publication just now
 * @param remarks what an operator should know although the stream can start
 */
record Preparation(
        Server server,
        Lsn confirmedFlush,
        Resumption.Go resumption,
        @Nullable Lsn told,
        Set<TableName> published,
        List<String> remarks,
        TableKeys keys) {

    Lsn startAt() {
        return resumption.from();
    }

    /**
     * The same, with a gap that an earlier stream began with and nobody was told of.
     *
     * @param untold null if there is none
     */
    Preparation after(@Nullable Gap untold) {
        if (untold == null) {
            return this;
        }
        Gap gap = resumption.gap();
        Gap both = gap == null ? untold : gap.joined(untold);
        return new Preparation(
                server,
                confirmedFlush,
                new Resumption.Go(resumption.from(), resumption.log(), both),
                told,
                published,
                remarks,
                keys);
    }
}
