package dev.walmonitor.monitor;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeArchive;
import dev.walmonitor.handler.RowKey;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import io.vertx.pgclient.PgException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Archived changes, in {@code wal_monitor.change_archive}. Thread-safe. */
@Singleton
class StoredArchive implements ChangeArchive {
    private static final int DELETED_AT_ONCE = 5000;

    /** Classes of SQLSTATE that blame a value: what cannot be stored, and what is too large. */
    private static final Set<String> BAD_VALUES = Set.of("22", "54");

    private static final String NO_PARTITION = "23514";

    private static final String INSERT =
            """
            INSERT INTO wal_monitor.change_archive (source, epoch, rule, commit_position, ordinal, commit_time, xid,
                operation, table_name, key, old_key, relation_id, envelope, change)
            SELECT source, epoch, rule, position::numeric, ordinal, time::timestamptz, xid,
                operation, table_name, key, old_key, relation, envelope::json, change::json
            FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::integer[], $6::text[], $7::bigint[],
                    $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[], $14::text[])
                AS new (source, epoch, rule, position, ordinal, time, xid, operation, table_name, key, old_key, relation,
                    envelope, change)
            ON CONFLICT DO NOTHING
            """;

    private static final String RELATION =
            """
            INSERT INTO wal_monitor.archived_relation AS r (source, digest, shape) VALUES ($1, $2, $3::text::json)
            ON CONFLICT (source, digest) DO UPDATE SET source = excluded.source
            RETURNING r.id
            """;

    /** Those who wait for the answer have gone by then. */
    private static final String PATIENCE = "SET LOCAL statement_timeout = '4500ms'";

    /** A writer of one instance and one of another never wait for each other both. */
    private static final Comparator<Archived> ORDER =
            Comparator.<Archived, String>comparing(one -> one.change().transaction().source())
                    .thenComparingLong(one -> one.change().transaction().epoch())
                    .thenComparing(one -> one.change().id())
                    .thenComparing(Archived::rule);

    private record Shape(String source, String digest) {}

    private final MonitorDatabase database;
    private final Pool pool;
    private final Supplier<Schema.State> schema;
    private final ArchivePartitions partitions;
    private final ArchivePartitions results;
    private final Map<Shape, Long> ids = new ConcurrentHashMap<>();
    private final Map<Long, Relation> relations = new ConcurrentHashMap<>();

    /** Rules whose rows of a day are gone already. */
    private final Set<Map.Entry<LocalDate, String>> swept = ConcurrentHashMap.newKeySet();

    @Inject
    StoredArchive(MonitorDatabase database, Pool pool, Schema schema) {
        this(database, pool, schema::state);
    }

    StoredArchive(MonitorDatabase database, Pool pool, Supplier<Schema.State> schema) {
        this.database = database;
        this.pool = pool;
        this.schema = schema;
        this.partitions = new ArchivePartitions(pool, "change_archive");
        this.results = new ArchivePartitions(pool, StoredResults.TABLE);
    }

    @Override
    public Uni<Integer> store(List<Archived> changes) {
        if (changes.isEmpty()) {
            return Uni.createFrom().item(0);
        }
        List<Archived> sorted = changes.stream().sorted(ORDER).toList();
        return ask(() ->
                partitions
                        .ensure(days(sorted))
                        .chain(() -> shapes(sorted))
                        .chain(shapes -> insert(sorted, shapes)));
    }

    private static Set<LocalDate> days(List<Archived> changes) {
        Set<LocalDate> days = new LinkedHashSet<>();
        changes.forEach(one -> days.add(ArchivePartitions.day(one.change().transaction().time())));
        return days;
    }

    /** The number of each relation's shape. */
    private Uni<Map<Relation, Long>> shapes(List<Archived> changes) {
        Map<Relation, String> sources = new LinkedHashMap<>();
        changes.forEach(
                one -> sources.put(one.change().relation(), one.change().transaction().source()));
        Map<Relation, Long> found = new LinkedHashMap<>();
        return Multi.createFrom()
                .iterable(sources.entrySet())
                .onItem()
                .transformToUniAndConcatenate(of ->
                        shape(of.getValue(), of.getKey()).invoke(id -> found.put(of.getKey(), id)))
                .collect()
                .last()
                .replaceWith(found);
    }

    private Uni<Long> shape(String source, Relation relation) {
        String text = StoredRows.shape(relation);
        Shape shape = new Shape(source, digest(text));
        Long known = ids.get(shape);
        return known != null
                ? Uni.createFrom().item(known)
                : pool.preparedQuery(RELATION)
                        .execute(Tuple.of(source, shape.digest(), text))
                        .map(rows -> rows.iterator().next().getLong(0))
                        .invoke(id -> ids.put(shape, id));
    }

    private static String digest(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private Uni<Integer> insert(List<Archived> changes, Map<Relation, Long> shapes) {
        List<RowChange> rows = changes.stream().map(Archived::change).toList();
        Tuple columns =
                Tuple.tuple()
                        .addArrayOfString(texts(rows, c -> c.transaction().source()))
                        .addArrayOfLong(longs(rows, c -> c.transaction().epoch()))
                        .addArrayOfString(texts(changes, Archived::rule))
                        .addArrayOfString(texts(rows, StoredArchive::position))
                        .addArrayOfInteger(
                                rows.stream().map(RowChange::ordinal).toArray(Integer[]::new))
                        .addArrayOfString(texts(rows, c -> c.transaction().time().toString()))
                        .addArrayOfLong(
                                longs(rows, c -> Integer.toUnsignedLong(c.transaction().xid())))
                        .addArrayOfString(texts(rows, c -> c.operation().name()))
                        .addArrayOfString(texts(rows, c -> c.table().toString()))
                        .addArrayOfString(texts(rows, c -> RowKey.of(c.row())))
                        .addArrayOfString(texts(rows, StoredArchive::oldKey))
                        .addArrayOfLong(
                                longs(rows, c -> Objects.requireNonNull(shapes.get(c.relation()))))
                        .addArrayOfString(texts(changes, Archived::envelope))
                        .addArrayOfString(texts(rows, StoredRows::change));
        return pool.preparedQuery(INSERT).execute(columns).map(RowSet::rowCount);
    }

    private static <T> @Nullable String[] texts(
            List<T> from, Function<T, @Nullable String> column) {
        return from.stream().map(column).toArray(String[]::new);
    }

    private static Long[] longs(List<RowChange> from, Function<RowChange, Long> column) {
        return from.stream().map(column).toArray(Long[]::new);
    }

    private static String position(RowChange change) {
        return Long.toUnsignedString(change.transaction().commit().number());
    }

    /** Of an update that gave the row another key. */
    private static @Nullable String oldKey(RowChange change) {
        if (!(change instanceof RowChange.Update update)) {
            return null;
        }
        String old = RowKey.of(update.before());
        return old == null || old.equals(RowKey.of(update.after())) ? null : old;
    }

    @Override
    public Uni<List<Archived>> read(Wanted wanted, int most) {
        return ask(() ->
                pool.withTransaction(to ->
                        to.query(PATIENCE)
                                .execute()
                                .chain(() ->
                                        to.preparedQuery(ArchiveQuery.of(wanted))
                                                .execute(ArchiveQuery.values(wanted, most)))
                                .map(rows -> archived(wanted.source(), rows))));
    }

    private List<Archived> archived(String source, RowSet<Row> rows) {
        List<Archived> found = new ArrayList<>();
        rows.forEach(row -> found.add(archived(source, row)));
        return found;
    }

    private Archived archived(String source, Row row) {
        Transaction transaction =
                new Transaction(
                        source,
                        row.getLong(1),
                        new Lsn(row.getBigDecimal(2).longValue()),
                        row.getOffsetDateTime(4).toInstant(),
                        row.getLong(5).intValue());
        Relation relation =
                relations.computeIfAbsent(
                        row.getLong(7), id -> StoredRows.relation(row.getString(8)));
        RowChange change =
                StoredRows.change(
                        transaction,
                        row.getInteger(3),
                        Operation.valueOf(row.getString(6)),
                        relation,
                        row.getString(10));
        return new Archived(row.getString(0), change, row.getString(9));
    }

    @Override
    public Uni<Void> tend(
            Map<String, Duration> retention, Duration standard, Instant now, int ahead) {
        if (!(schema.get() instanceof Schema.State.Ready)) {
            return Uni.createFrom().voidItem();
        }
        Set<LocalDate> days = new LinkedHashSet<>();
        for (int day = 0; day <= ahead; day++) {
            days.add(ArchivePartitions.day(now).plusDays(day));
        }
        Duration longest =
                retention.values().stream().max(Comparator.naturalOrder()).orElse(standard);
        return this.<Void>ask(() -> partitions.ensure(days))
                .chain(() -> this.<Set<LocalDate>>ask(partitions::list))
                .onItem()
                .transformToMulti(there -> Multi.createFrom().iterable(there))
                .onItem()
                .transformToUniAndConcatenate(
                        day -> isOver(day, longest, now) ? drop(day) : sweep(day, retention, now))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private static boolean isOver(LocalDate day, Duration retention, Instant now) {
        return !day.isAfter(ArchivePartitions.day(now.minus(retention)).minusDays(1));
    }

    private Uni<Void> drop(LocalDate day) {
        swept.removeIf(done -> done.getKey().equals(day));
        return ask(() -> results.drop(day).chain(() -> partitions.drop(day)));
    }

    /** Takes away what rules stored whose changes are kept for less long than others. */
    private Uni<Void> sweep(LocalDate day, Map<String, Duration> retention, Instant now) {
        return Multi.createFrom()
                .iterable(retention.entrySet())
                .filter(rule ->
                        isOver(day, rule.getValue(), now)
                                && !swept.contains(Map.entry(day, rule.getKey())))
                .onItem()
                .transformToUniAndConcatenate(rule ->
                        sweep(day, rule.getKey())
                                .invoke(() -> swept.add(Map.entry(day, rule.getKey()))))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> sweep(LocalDate day, String rule) {
        return Multi.createBy()
                .repeating()
                .uni(() -> this.<Integer>ask(() -> partitions.delete(day, rule, DELETED_AT_ONCE)))
                .whilst(deleted -> deleted == DELETED_AT_ONCE)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private <T> Uni<T> ask(Supplier<Uni<? extends T>> question) {
        return database.<T>ask(() ->
                        Uni.createFrom()
                                .<T>deferred(question)
                                .onFailure(PgException.class)
                                .transform(this::refused))
                .onFailure(MonitorDatabaseException.class)
                .transform(StoredArchive::sink);
    }

    /** What is no fault of the values may be mended, and is waited for. */
    private Throwable refused(PgException failure) {
        String state = String.valueOf(failure.getSqlState());
        if (state.equals(NO_PARTITION)) {
            partitions.forget();
            return new SinkException(
                    "The archive has no partition for a change yet; it is made at the next attempt",
                    true);
        }
        return state.length() == 5 && BAD_VALUES.contains(state.substring(0, 2))
                ? new SinkException("The archive does not take a change: SQLSTATE " + state, false)
                : failure;
    }

    private static SinkException sink(MonitorDatabaseException failure) {
        return new SinkException(failure.fault().message().replaceFirst("\\.$", ""), true);
    }
}
