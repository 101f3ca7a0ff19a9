package dev.walmonitor.monitor;

import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeArchive.Place;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.Results;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** What rules answered, in {@code wal_monitor.change_result}. Thread-safe. */
@Singleton
class StoredResults implements Results {
    static final String TABLE = "change_result";

    private static final String INSERT =
            """
            INSERT INTO wal_monitor.change_result (source, epoch, commit_position, ordinal, commit_time, rule, action,
                fields, replayed, done_at, since_commit)
            SELECT source, epoch, position::numeric, ordinal, commit_time, rule, action, fields::json, replayed, done_at,
                since_commit
            FROM unnest($1::text[], $2::bigint[], $3::text[], $4::integer[], $5::timestamptz[], $6::text[], $7::text[],
                    $8::text[], $9::boolean[], $10::timestamptz[], $11::bigint[])
                AS new (source, epoch, position, ordinal, commit_time, rule, action, fields, replayed, done_at,
                    since_commit)
            """;

    private static final String READ =
            """
            SELECT r.epoch, r.commit_position, r.ordinal, r.rule, r.action, r.fields::text, r.replayed, r.done_at,
                r.since_commit
            FROM wal_monitor.change_result r
            JOIN unnest($2::bigint[], $3::text[], $4::integer[]) AS w (epoch, position, ordinal)
                ON r.epoch = w.epoch AND r.commit_position = w.position::numeric AND r.ordinal = w.ordinal
            WHERE r.source = $1 AND r.commit_time BETWEEN $5 AND $6
            ORDER BY r.done_at, r.rule
            """;

    /** What was done, to be kept. */
    record Deed(RowChange change, Effect effect) {
        private Transaction transaction() {
            return change.transaction();
        }
    }

    private final MonitorDatabase database;
    private final Pool pool;
    private final ArchivePartitions partitions;

    StoredResults(MonitorDatabase database, Pool pool) {
        this.database = database;
        this.pool = pool;
        this.partitions = new ArchivePartitions(pool, TABLE);
    }

    /** Keeps them, all or none. Fails with a {@link MonitorDatabaseException}. */
    Uni<Void> store(List<Deed> deeds) {
        Set<LocalDate> days = new TreeSet<>();
        deeds.forEach(deed -> days.add(ArchivePartitions.day(deed.transaction().time())));
        return database.ask(() ->
                partitions
                        .ensure(days)
                        .chain(() -> pool.preparedQuery(INSERT).execute(values(deeds)))
                        .onFailure()
                        .invoke(partitions::forget)
                        .replaceWithVoid());
    }

    private static Tuple values(List<Deed> deeds) {
        return Tuple.tuple()
                .addArrayOfString(texts(deeds, deed -> deed.transaction().source()))
                .addArrayOfLong(longs(deeds, deed -> deed.transaction().epoch()))
                .addArrayOfString(texts(deeds, deed -> position(deed.change())))
                .addArrayOfInteger(
                        deeds.stream().map(deed -> deed.change().ordinal()).toArray(Integer[]::new))
                .addArrayOfOffsetDateTime(times(deeds, deed -> deed.transaction().time()))
                .addArrayOfString(texts(deeds, deed -> deed.effect().rule()))
                .addArrayOfString(texts(deeds, deed -> deed.effect().result().action()))
                .addArrayOfString(texts(deeds, deed -> fields(deed.effect().result())))
                .addArrayOfBoolean(
                        deeds.stream()
                                .map(deed -> deed.effect().replayed())
                                .toArray(Boolean[]::new))
                .addArrayOfOffsetDateTime(times(deeds, deed -> deed.effect().at()))
                .addArrayOfLong(longs(deeds, deed -> deed.effect().sinceCommit().toNanos() / 1000));
    }

    /** A text of PostgreSQL has no zero character. */
    private static String fields(HandlerResult result) {
        JsonObject json = new JsonObject();
        result.fields().forEach((name, value) -> json.put(name, value.replace("\0", "")));
        return json.encode();
    }

    private static String position(RowChange change) {
        return Long.toUnsignedString(change.transaction().commit().number());
    }

    private static <T> String[] texts(List<T> from, Function<T, String> of) {
        return from.stream().map(of).toArray(String[]::new);
    }

    private static <T> Long[] longs(List<T> from, Function<T, Long> of) {
        return from.stream().map(of).toArray(Long[]::new);
    }

    private static <T> OffsetDateTime[] times(List<T> from, Function<T, Instant> of) {
        return from.stream().map(of).map(StoredResults::time).toArray(OffsetDateTime[]::new);
    }

    private static OffsetDateTime time(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    @Override
    public Uni<Map<Place, List<Effect>>> of(String source, List<RowChange> changes) {
        if (changes.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        List<Instant> times = changes.stream().map(c -> c.transaction().time()).sorted().toList();
        Tuple values =
                Tuple.tuple()
                        .addString(source)
                        .addArrayOfLong(longs(changes, change -> change.transaction().epoch()))
                        .addArrayOfString(texts(changes, StoredResults::position))
                        .addArrayOfInteger(
                                changes.stream().map(RowChange::ordinal).toArray(Integer[]::new))
                        .addOffsetDateTime(time(times.getFirst()))
                        .addOffsetDateTime(time(times.getLast()));
        return database.ask(() -> pool.preparedQuery(READ).execute(values))
                .map(StoredResults::effects)
                .onFailure()
                .transform(failure ->
                        new SinkException(
                                "What was done cannot be read: " + failure.getMessage(), true));
    }

    private static Map<Place, List<Effect>> effects(RowSet<Row> rows) {
        Map<Place, List<Effect>> effects = new HashMap<>();
        for (Row row : rows) {
            Place place =
                    new Place(
                            row.getLong(0),
                            new Lsn(row.getBigDecimal(1).longValue()),
                            row.getInteger(2));
            effects.computeIfAbsent(place, p -> new ArrayList<>()).add(effect(row));
        }
        return effects;
    }

    private static Effect effect(Row row) {
        Map<String, String> fields = new LinkedHashMap<>();
        new JsonObject(row.getString(5))
                .forEach(field -> fields.put(field.getKey(), Objects.toString(field.getValue())));
        return new Effect(
                row.getString(3),
                new HandlerResult(row.getString(4), fields),
                row.getOffsetDateTime(7).toInstant(),
                Duration.ofNanos(1000 * row.getLong(8)),
                row.getBoolean(6));
    }

    static boolean isReplayed(RowChange change) {
        return change.transaction().delivery() == Delivery.REPLAY;
    }
}
