package dev.walmonitor.monitor;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The partitions of the archive, one a day of UTC. Thread-safe; called on a context of its own:
 * {@link MonitorDatabase#ask}.
 */
final class ArchivePartitions {
    private static final String SCHEMA = "wal_monitor.";
    private static final DateTimeFormatter DAY = DateTimeFormatter.BASIC_ISO_DATE;

    /** Serializes those who make or drop partitions; any number that nobody else takes. */
    private static final String ONE_AT_A_TIME =
            "SET LOCAL lock_timeout = '3s'; SELECT pg_advisory_xact_lock(7203417597)";

    private final String table;
    private final String prefix;
    private final Pool pool;
    private final Set<LocalDate> known = ConcurrentHashMap.newKeySet();

    /**
     * @param table its name in our schema
     */
    ArchivePartitions(Pool pool, String table) {
        this.pool = pool;
        this.table = SCHEMA + table;
        this.prefix = table + "_";
    }

    static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }

    /** What is known may be wrong: another instance may have dropped some. */
    void forget() {
        known.clear();
    }

    /** Makes the partitions of the days that have none. */
    Uni<Void> ensure(Set<LocalDate> days) {
        Set<LocalDate> missing = new TreeSet<>(days);
        missing.removeAll(known);
        return missing.isEmpty()
                ? Uni.createFrom().voidItem()
                : pool.withTransaction(to ->
                                locked(to)
                                        .chain(() -> list(to))
                                        .chain(there -> {
                                            missing.removeAll(there);
                                            return make(to, missing);
                                        }))
                        .invoke(() -> known.addAll(days))
                        .replaceWithVoid();
    }

    private static Uni<Void> locked(SqlConnection to) {
        return to.query(ONE_AT_A_TIME).execute().replaceWithVoid();
    }

    /** Attached after it was made, which holds up nobody who writes. */
    private Uni<Void> make(SqlConnection to, Set<LocalDate> days) {
        if (days.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        StringBuilder sql = new StringBuilder();
        for (LocalDate day : days) {
            sql.append("CREATE TABLE ").append(name(day));
            sql.append(" (LIKE ").append(table).append(" INCLUDING DEFAULTS INCLUDING STORAGE); ");
            sql.append("ALTER TABLE ").append(table).append(" ATTACH PARTITION ").append(name(day));
            sql.append(" FOR VALUES FROM ('").append(day).append(" 00:00:00+00') TO ('");
            sql.append(day.plusDays(1)).append(" 00:00:00+00'); ");
        }
        return to.query(sql.toString()).execute().replaceWithVoid();
    }

    private String name(LocalDate day) {
        return SCHEMA + prefix + DAY.format(day);
    }

    /** The days that have a partition. */
    Uni<Set<LocalDate>> list() {
        return pool.withConnection(this::list);
    }

    private Uni<Set<LocalDate>> list(SqlConnection to) {
        return to.query(
                        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                                + " WHERE i.inhparent = '"
                                + table
                                + "'::regclass")
                .execute()
                .map(rows -> {
                    Set<LocalDate> days = new TreeSet<>();
                    rows.forEach(row -> add(row.getString(0), days));
                    return days;
                });
    }

    /** One that somebody else made has another name, and is left alone. */
    private void add(String name, Set<LocalDate> days) {
        try {
            days.add(LocalDate.parse(name.substring(prefix.length()), DAY));
        } catch (DateTimeParseException | StringIndexOutOfBoundsException e) {
            // not one of ours
        }
    }

    /** Waits for nobody long: who reads the archive just now is not to hold up who writes it. */
    Uni<Void> drop(LocalDate day) {
        known.remove(day);
        return pool.withTransaction(to ->
                locked(to)
                        .chain(() -> to.query("DROP TABLE IF EXISTS " + name(day)).execute())
                        .replaceWithVoid());
    }

    /**
     * Deletes some of a rule's rows of a day.
     *
     * @return how many
     */
    Uni<Integer> delete(LocalDate day, String rule, int most) {
        String partition = name(day);
        String sql =
                "DELETE FROM "
                        + partition
                        + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM "
                        + partition
                        + " WHERE rule = $1 LIMIT $2))";
        return pool.preparedQuery(sql).execute(Tuple.of(rule, most)).map(rows -> rows.rowCount());
    }
}
