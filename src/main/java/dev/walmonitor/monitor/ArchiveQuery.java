package dev.walmonitor.monitor;

import dev.walmonitor.change.Position;
import dev.walmonitor.handler.ChangeArchive.Place;
import dev.walmonitor.handler.ChangeArchive.Wanted;
import io.vertx.mutiny.sqlclient.Tuple;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** The statement that reads the archive. What does not matter is NULL, and planned away. */
final class ArchiveQuery {
    private static final String CONDITIONS =
            """
             FROM wal_monitor.change_archive
             WHERE source = $1
               AND ($2::text IS NULL OR table_name = $2)
               AND ($4::timestamptz IS NULL OR commit_time >= $4)
               AND ($5::timestamptz IS NULL OR commit_time < $5)
               AND ($6::numeric IS NULL OR commit_position >= $6)
               AND ($7::numeric IS NULL OR commit_position < $7)
               AND ($8::bigint IS NULL OR (epoch, commit_position, ordinal) > ($8, $9::numeric, $10::integer))
            """;

    private static final String ONE = "SELECT *" + CONDITIONS;

    /** Three conditions with an index each; a row that took another key may be found twice. */
    private static final String BY_KEY =
            ONE
                    + " AND left(key, 200) = left($3, 200) AND key = $3 UNION ALL "
                    + ONE
                    + " AND left(old_key, 200) = left($3, 200) AND old_key = $3 UNION ALL "
                    + ONE
                    + " AND left(key, 200) IS NULL AND operation = 'TRUNCATE'";

    private ArchiveQuery() {}

    static String of(Wanted wanted) {
        return "SELECT DISTINCT ON (a.epoch, a.commit_position, a.ordinal)"
                + " a.rule, a.epoch, a.commit_position, a.ordinal, a.commit_time, a.xid, a.operation,"
                + " a.relation_id, r.shape::text, a.envelope::text, a.change::text"
                + " FROM ("
                + (wanted.key() == null ? ONE + " AND $3::text IS NULL" : BY_KEY)
                + ") a JOIN wal_monitor.archived_relation r ON r.id = a.relation_id"
                + " ORDER BY a.epoch, a.commit_position, a.ordinal, a.rule LIMIT $11";
    }

    static Tuple values(Wanted wanted, int most) {
        Place after = wanted.after();
        return Tuple.tuple()
                .addString(wanted.source())
                .addString(wanted.table() == null ? null : wanted.table().toString())
                .addString(wanted.key())
                .addValue(time(wanted.from()))
                .addValue(time(wanted.to()))
                .addBigDecimal(number(wanted.lsnFrom()))
                .addBigDecimal(number(wanted.lsnTo()))
                .addLong(after == null ? null : after.epoch())
                .addBigDecimal(after == null ? null : number(after.commit()))
                .addInteger(after == null ? null : after.ordinal())
                .addInteger(most);
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant time) {
        return time == null ? null : time.atOffset(ZoneOffset.UTC);
    }

    private static @Nullable BigDecimal number(@Nullable Position position) {
        return position == null ? null : new BigDecimal(Long.toUnsignedString(position.number()));
    }
}
