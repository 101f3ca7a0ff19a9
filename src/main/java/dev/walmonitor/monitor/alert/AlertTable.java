package dev.walmonitor.monitor.alert;

import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.alert.Finding.Wrong;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code alert}, by which all instances know what has been told. Of alerts about the same
 * thing one is not over at most, which the database itself sees to. Thread-safe.
 */
@Singleton
public class AlertTable {

    /**
     * An alert on record.
     *
     * @param kind the word of an {@link AlertKind}, perhaps one that only a newer build knows
     * @param subject the rule; empty if it is about the source
     * @param raiseToldAt when somebody was told; null while nobody could be
     */
    public record Alert(
            long id,
            String source,
            String kind,
            String subject,
            String sentence,
            String remedy,
            Instant raisedAt,
            @Nullable Instant clearedAt,
            @Nullable Instant raiseToldAt,
            @Nullable Instant clearToldAt) {}

    /** Which alerts are wanted. */
    public enum Wanted {
        ACTIVE,
        CLEARED,
        ALL
    }

    /** A monitor row that says ERROR. */
    record ErrorRow(String source, @Nullable String message) {}

    private static final String ERRORS =
            """
            SELECT s.name, w.error_message FROM wal_monitor.wal_monitor w JOIN wal_monitor.sources s ON s.id = w.source_id
            WHERE w.status = 'ERROR'
            """;

    private static final String ACTIVE =
            "SELECT source, kind, subject FROM wal_monitor.alert WHERE cleared_at IS NULL";

    private static final String RAISE =
            """
            INSERT INTO wal_monitor.alert (source, kind, subject, sentence, remedy) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (source, kind, subject) WHERE cleared_at IS NULL DO NOTHING
            """;

    private static final String CLEAR =
            """
            UPDATE wal_monitor.alert SET cleared_at = now()
            WHERE source = $1 AND kind = $2 AND subject = $3 AND cleared_at IS NULL
            """;

    /** Nobody else tells them for a minute. */
    private static final String CLAIM =
            """
            UPDATE wal_monitor.alert SET due_at = now() + interval '1 minute' WHERE id IN (
                SELECT id FROM wal_monitor.alert
                WHERE due_at <= now() AND (raise_told_at IS NULL OR (cleared_at IS NOT NULL AND clear_told_at IS NULL))
                ORDER BY id LIMIT 20 FOR UPDATE SKIP LOCKED)
            RETURNING *
            """;

    private static final String TOLD_RAISED =
            "UPDATE wal_monitor.alert SET raise_told_at = now(), due_at = now() WHERE id = $1";

    private static final String TOLD_CLEARED =
            "UPDATE wal_monitor.alert SET clear_told_at = now() WHERE id = $1";

    /** It came and went while nobody could be told. */
    private static final String PASSED =
            "UPDATE wal_monitor.alert SET raise_told_at = now(), clear_told_at = now() WHERE id = $1";

    private static final String LIST =
            """
            SELECT * FROM wal_monitor.alert
            WHERE ($1::text IS NULL OR source = $1) AND id < $2
              AND ($3::boolean IS NULL OR $3 = (cleared_at IS NULL))
            ORDER BY id DESC LIMIT $4
            """;

    private static final String PRUNE =
            "DELETE FROM wal_monitor.alert WHERE cleared_at < now() - make_interval(secs => $1)";

    private final Pool pool;
    private final MonitorDatabase database;

    AlertTable(Pool pool, MonitorDatabase database) {
        this.pool = pool;
        this.database = database;
    }

    /** The newest first. */
    public Uni<List<Alert>> list(@Nullable String source, Wanted wanted, long before, int most) {
        Boolean active =
                switch (wanted) {
                    case ACTIVE -> Boolean.TRUE;
                    case CLEARED -> Boolean.FALSE;
                    case ALL -> null;
                };
        return run(LIST, Tuple.of(source, before, active, most)).map(AlertTable::alerts);
    }

    Uni<List<ErrorRow>> errors() {
        return run(ERRORS, Tuple.tuple())
                .map(rows -> {
                    List<ErrorRow> errors = new ArrayList<>();
                    rows.forEach(row ->
                            errors.add(
                                    new ErrorRow(
                                            row.getString("name"),
                                            row.getString("error_message"))));
                    return errors;
                });
    }

    /** Those of kinds that this build knows. */
    Uni<Set<AlertKey>> active() {
        return run(ACTIVE, Tuple.tuple())
                .map(rows -> {
                    Set<AlertKey> keys = new HashSet<>();
                    rows.forEach(row -> add(row, keys));
                    return keys;
                });
    }

    private static void add(Row row, Set<AlertKey> keys) {
        for (AlertKind kind : AlertKind.values()) {
            if (kind.word().equals(row.getString("kind"))) {
                keys.add(new AlertKey(row.getString("source"), kind, row.getString("subject")));
            }
        }
    }

    /** Puts it on record, if no instance has done so. */
    Uni<Void> raise(AlertKey key, Wrong wrong) {
        return run(RAISE, values(key).addString(wrong.sentence()).addString(wrong.remedy()))
                .replaceWithVoid();
    }

    /** Notes that it is over, if no instance has done so. */
    Uni<Void> clear(AlertKey key) {
        return run(CLEAR, values(key)).replaceWithVoid();
    }

    private static Tuple values(AlertKey key) {
        return Tuple.of(key.source(), key.kind().word(), key.subject());
    }

    /** Some of what nobody was told yet, for this instance to tell. */
    Uni<List<Alert>> claim() {
        return run(CLAIM, Tuple.tuple()).map(AlertTable::alerts);
    }

    Uni<Void> toldRaised(long id) {
        return run(TOLD_RAISED, Tuple.of(id)).replaceWithVoid();
    }

    Uni<Void> toldCleared(long id) {
        return run(TOLD_CLEARED, Tuple.of(id)).replaceWithVoid();
    }

    Uni<Void> passed(long id) {
        return run(PASSED, Tuple.of(id)).replaceWithVoid();
    }

    /** Forgets those that were over so long ago; answers how many. */
    Uni<Integer> prune(Duration age) {
        return run(PRUNE, Tuple.of((double) age.toSeconds())).map(RowSet::rowCount);
    }

    private Uni<RowSet<Row>> run(String statement, Tuple values) {
        return database.ask(() -> pool.preparedQuery(statement).execute(values));
    }

    private static List<Alert> alerts(RowSet<Row> rows) {
        List<Alert> alerts = new ArrayList<>();
        for (Row row : rows) {
            alerts.add(
                    new Alert(
                            row.getLong("id"),
                            row.getString("source"),
                            row.getString("kind"),
                            row.getString("subject"),
                            row.getString("sentence"),
                            row.getString("remedy"),
                            row.getOffsetDateTime("raised_at").toInstant(),
                            time(row, "cleared_at"),
                            time(row, "raise_told_at"),
                            time(row, "clear_told_at")));
        }
        return alerts;
    }

    private static @Nullable Instant time(Row row, String column) {
        OffsetDateTime time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant();
    }
}
