package dev.walmonitor.monitor;

import dev.walmonitor.handler.Notifications;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps notifications in {@code notification_log} and {@code notification_member}, many with one
 * statement. Thread-safe.
 */
@Singleton
public class StoredNotifications implements Notifications {

    private static final String RECORD =
            """
            INSERT INTO wal_monitor.notification_log
                (source, rule, change_id, changes, recipient, channel, outcome, reason, title, dedupe_key, at)
            SELECT source, rule, change_id, changes::bigint, recipient, channel, outcome, reason, title, dedupe_key,
                   at::timestamptz
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                        $9::text[], $10::text[], $11::text[])
                AS e (source, rule, change_id, changes, recipient, channel, outcome, reason, title, dedupe_key, at)
            """;

    private static final String FOLD =
            """
            INSERT INTO wal_monitor.notification_member
                (source, rule, target, channel, person, window_id, due_at, change_id, position, ordinal,
                 row_key, state_before, state_after, title, body, link)
            SELECT source, rule, target, channel, person, window_id, due_at::timestamptz, change_id, position::numeric,
                   ordinal::integer, row_key, state_before, state_after, title, body, link
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                        $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
                        $16::text[])
                AS m (source, rule, target, channel, person, window_id, due_at, change_id, position, ordinal,
                      row_key, state_before, state_after, title, body, link)
            ON CONFLICT ON CONSTRAINT notification_member_once DO NOTHING
            """;

    private static final String WAITING =
            """
            SELECT rule, channel, target, person, window_id, min(due_at) AS due, count(*),
                   array_agg(DISTINCT row_key::text) FILTER (WHERE row_key IS NOT NULL)
            FROM wal_monitor.notification_member WHERE source = $1
            GROUP BY rule, channel, target, person, window_id
            ORDER BY due
            """;

    private static final String READ =
            """
            WITH members AS (
                SELECT id, change_id, position, ordinal, title, body, link,
                       row_key IS NULL OR first_value(state_before) OVER w <> last_value(state_after) OVER w AS told
                FROM wal_monitor.notification_member
                WHERE source = $1 AND rule = $2 AND target = $3 AND window_id = $4
                WINDOW w AS (PARTITION BY row_key ORDER BY position, ordinal
                             ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)),
            first AS (SELECT * FROM members WHERE told ORDER BY position, ordinal LIMIT $5)
            SELECT (SELECT array_agg(id) FROM members),
                   (SELECT count(*) FROM members WHERE told),
                   (SELECT json_agg(json_build_object('change', change_id, 'title', title, 'body', body, 'link', link)
                                    ORDER BY position, ordinal) FROM first)
            """;

    private static final String TAKE =
            "DELETE FROM wal_monitor.notification_member WHERE id = ANY ($1)";

    private static final String TOLD =
            """
            SELECT dedupe_key, max(at) FROM wal_monitor.notification_log
            WHERE source = $1 AND rule = $2 AND at > $3 AND outcome = 'sent' AND dedupe_key IS NOT NULL
            GROUP BY dedupe_key ORDER BY max(at) LIMIT 100000
            """;

    private static final String PRUNE =
            """
            DELETE FROM wal_monitor.notification_log WHERE id IN
                (SELECT id FROM wal_monitor.notification_log WHERE at < $1 ORDER BY at LIMIT $2)
            """;

    private final Pool pool;
    private final MonitorDatabase database;

    StoredNotifications(Pool pool, MonitorDatabase database) {
        this.pool = pool;
        this.database = database;
    }

    @Override
    public Uni<Void> record(List<Entry> entries) {
        return database.ask(() -> record(pool, entries));
    }

    private static Uni<Void> record(SqlClient client, List<Entry> entries) {
        Tuple rows =
                Tuple.from(
                        Arrays.asList(
                                column(entries, Entry::source),
                                column(entries, Entry::rule),
                                column(entries, Entry::change),
                                column(entries, entry -> Long.toString(entry.changes())),
                                column(entries, Entry::recipient),
                                column(entries, Entry::channel),
                                column(
                                        entries,
                                        entry -> entry.outcome().name().toLowerCase(Locale.ROOT)),
                                column(entries, Entry::reason),
                                column(entries, Entry::title),
                                column(entries, Entry::dedupe),
                                column(entries, entry -> entry.at().toString())));
        return client.preparedQuery(RECORD).execute(rows).replaceWithVoid();
    }

    @Override
    public Uni<Void> fold(List<Member> members) {
        Tuple rows =
                Tuple.from(
                        Arrays.asList(
                                column(members, m -> m.window().target().source()),
                                column(members, m -> m.window().target().rule()),
                                column(members, m -> m.window().target().key()),
                                column(members, m -> m.window().target().channel()),
                                column(members, m -> m.window().target().person()),
                                column(members, m -> m.window().id()),
                                column(members, m -> m.window().due().toString()),
                                column(members, Member::change),
                                column(members, m -> Long.toUnsignedString(m.position())),
                                column(members, m -> Integer.toString(m.ordinal())),
                                column(members, m -> m.move() == null ? null : m.move().row()),
                                column(members, m -> m.move() == null ? null : m.move().before()),
                                column(members, m -> m.move() == null ? null : m.move().after()),
                                column(members, Member::title),
                                column(members, Member::body),
                                column(members, Member::link)));
        return database.ask(() -> pool.preparedQuery(FOLD).execute(rows).replaceWithVoid());
    }

    /** A text of PostgreSQL holds every character but one. */
    private static <T> @Nullable String[] column(
            List<T> rows, Function<T, @Nullable String> column) {
        @Nullable String[] texts = new @Nullable String[rows.size()];
        for (int i = 0; i < texts.length; i++) {
            String text = column.apply(rows.get(i));
            texts[i] = text == null ? null : text.replace('\0', ' ');
        }
        return texts;
    }

    @Override
    public Uni<List<Waiting>> waiting(String source) {
        return database.ask(() ->
                pool.preparedQuery(WAITING)
                        .execute(Tuple.of(source))
                        .map(rows -> {
                            List<Waiting> waiting = new ArrayList<>();
                            rows.forEach(row -> waiting.add(waiting(source, row)));
                            return waiting;
                        }));
    }

    private static Waiting waiting(String source, Row row) {
        Target target =
                new Target(
                        source,
                        row.getString(0),
                        row.getString(1),
                        row.getString(2),
                        row.getString(3));
        Window window = new Window(target, row.getString(4), row.getOffsetDateTime(5).toInstant());
        String @Nullable [] moved = row.getArrayOfStrings(7);
        return new Waiting(
                window,
                row.getLong(6),
                moved == null ? Set.of() : Set.copyOf(Arrays.asList(moved)));
    }

    @Override
    public Uni<Folded> read(Window window, int most) {
        Target target = window.target();
        Tuple asked =
                Tuple.of(target.source(), target.rule(), target.key(), window.id())
                        .addInteger(most);
        return database.ask(() ->
                pool.preparedQuery(READ)
                        .execute(asked)
                        .map(rows -> folded(rows.iterator().next())));
    }

    private static Folded folded(Row row) {
        Long @Nullable [] ids = row.getArrayOfLongs(0);
        List<Item> first = new ArrayList<>();
        if (row.getValue(2) instanceof JsonArray items) {
            for (Object item : items) {
                JsonObject one = (JsonObject) item;
                String body = one.getString("body");
                first.add(
                        new Item(
                                one.getString("change"),
                                one.getString("title"),
                                body == null ? "" : body,
                                one.getString("link")));
            }
        }
        return new Folded(ids == null ? List.of() : List.of(ids), row.getLong(1), first);
    }

    @Override
    public Uni<Void> delivered(List<Long> members, Entry entry) {
        Tuple ids = Tuple.tuple().addArrayOfLong(members.toArray(Long[]::new));
        return database.ask(() ->
                pool.withTransaction(connection -> {
                    connection.exceptionHandler(failure -> {}); // unheard, the client prints it
                    return record(connection, List.of(entry))
                            .chain(() -> connection.preparedQuery(TAKE).execute(ids))
                            .replaceWithVoid();
                }));
    }

    @Override
    public Uni<Map<String, Instant>> told(String source, String rule, Instant since) {
        Tuple asked = Tuple.of(source, rule, since.atOffset(ZoneOffset.UTC));
        return database.ask(() ->
                pool.preparedQuery(TOLD)
                        .execute(asked)
                        .map(rows -> {
                            Map<String, Instant> keys = new LinkedHashMap<>();
                            rows.forEach(row ->
                                    keys.put(
                                            row.getString(0),
                                            row.getOffsetDateTime(1).toInstant()));
                            return keys;
                        }));
    }

    @Override
    public Uni<Integer> prune(Instant before, int most) {
        Tuple asked = Tuple.of(before.atOffset(ZoneOffset.UTC)).addInteger(most);
        return database.ask(() -> pool.preparedQuery(PRUNE).execute(asked).map(RowSet::rowCount));
    }
}
