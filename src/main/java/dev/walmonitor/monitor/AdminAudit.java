package dev.walmonitor.monitor;

import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What operators changed, in {@code admin_audit}. Thread-safe. */
@Singleton
public class AdminAudit {

    /** What became of a change. */
    public enum Outcome {
        /** It was made. */
        DONE,
        /** It was asked for in a way that cannot be. */
        REFUSED,
        /** It could not be made. */
        FAILED;

        /** By the status of the answer. */
        public static Outcome of(int status) {
            return status >= 500 ? FAILED : status >= 400 ? REFUSED : DONE;
        }
    }

    /**
     * A change that somebody asked for.
     *
     * @param role in lower case
     * @param named what the path names, such as the rule
     * @param status of the answer
     */
    public record Deed(
            String who,
            String role,
            String remoteAddress,
            String method,
            String path,
            @Nullable String query,
            Map<String, String> named,
            int status) {
        public Outcome outcome() {
            return Outcome.of(status);
        }
    }

    /** A row. */
    public record Entry(long id, Instant at, Deed deed) {}

    private static final int LONGEST = 2_000;

    private static final String RECORD =
            """
            INSERT INTO wal_monitor.admin_audit
                (who, role, remote_address, method, path, query, named, status, outcome)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;

    private static final String LIST =
            """
            SELECT id, at, who, role, remote_address, method, path, query, named, status
            FROM wal_monitor.admin_audit
            WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR who = $2)
            ORDER BY id DESC LIMIT $3
            """;

    private final Pool pool;
    private final MonitorDatabase database;

    AdminAudit(Pool pool, MonitorDatabase database) {
        this.pool = pool;
        this.database = database;
    }

    /** Writes a row; fails with {@link MonitorDatabaseException} if it cannot be written. */
    public Uni<Void> record(Deed deed) {
        JsonObject named = new JsonObject();
        new TreeMap<>(deed.named()).forEach((key, value) -> named.put(key, cut(value)));
        Tuple values =
                Tuple.tuple()
                        .addString(cut(deed.who()))
                        .addString(deed.role().toLowerCase(Locale.ROOT))
                        .addString(deed.remoteAddress())
                        .addString(deed.method())
                        .addString(cut(deed.path()))
                        .addString(deed.query() == null ? null : cut(deed.query()))
                        .addValue(named)
                        .addInteger(deed.status())
                        .addString(deed.outcome().name());
        return database.ask(() -> pool.preparedQuery(RECORD).execute(values)).replaceWithVoid();
    }

    /**
     * Lists them, the last one first.
     *
     * @param before the last id of the page before; null for the first page
     * @param who whose; null for everybody's
     */
    public Uni<List<Entry>> list(@Nullable Long before, @Nullable String who, int limit) {
        Tuple values = Tuple.tuple().addLong(before).addString(who).addInteger(limit);
        return database.ask(() -> pool.preparedQuery(LIST).execute(values))
                .map(rows -> {
                    List<Entry> entries = new ArrayList<>();
                    rows.forEach(row -> entries.add(entry(row)));
                    return entries;
                });
    }

    private static Entry entry(Row row) {
        Map<String, String> named = new TreeMap<>();
        ((JsonObject) row.getValue("named"))
                .forEach(entry -> named.put(entry.getKey(), String.valueOf(entry.getValue())));
        return new Entry(
                row.getLong("id"),
                row.getOffsetDateTime("at").toInstant(),
                new Deed(
                        row.getString("who"),
                        row.getString("role"),
                        row.getString("remote_address"),
                        row.getString("method"),
                        row.getString("path"),
                        row.getString("query"),
                        named,
                        row.getInteger("status")));
    }

    /** As PostgreSQL takes it. */
    private static String cut(String text) {
        String clean = text.replace('\0', ' ');
        return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST);
    }
}
