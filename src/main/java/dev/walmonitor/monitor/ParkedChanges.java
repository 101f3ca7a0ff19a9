package dev.walmonitor.monitor;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.pipeline.ParkedChange;
import dev.walmonitor.pipeline.ParkedChange.Place;
import dev.walmonitor.pipeline.ParkingStore;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps parked changes in {@code parked_change}, and paused rules in {@code paused_rule}. */
@Singleton
class ParkedChanges implements ParkingStore {
    private static final int KEYS = 200_000;

    /** A piece of the log is 16 MB: so many transactions at most are one row. */
    private static final int SEGMENT_BITS = 24;

    private static final String COLUMNS =
            """
            (source_id, rule, epoch, commit_lsn, ordinal, committed_at, table_name, operation, keys, mark, segment,
             first_lsn, xids, weight, change, state, attempts, due_at, error, died_at, shape)
            SELECT s.id, v.rule, v.epoch, v.commit_lsn::pg_lsn, v.ordinal, v.committed_at, v.table_name, v.operation,
                   v.keys::bigint[], v.mark, v.segment, v.first_lsn::pg_lsn, v.xids::bigint[], v.weight, v.change,
                   v.state, v.attempts, v.due_at, v.error, CASE WHEN v.state = 'dead' THEN now() END, v.shape
            FROM wal_monitor.sources s,
                 unnest($2::text[], $3::bigint[], $4::text[], $5::integer[], $6::timestamptz[], $7::text[], $8::text[],
                        $9::text[], $10::text[], $11::bigint[], $12::text[], $13::text[], $14::integer[], $15::text[],
                        $16::text[], $17::integer[], $18::timestamptz[], $19::text[], $20::bigint[])
                 AS v (rule, epoch, commit_lsn, ordinal, committed_at, table_name, operation, keys, mark, segment,
                       first_lsn, xids, weight, change, state, attempts, due_at, error, shape)
            WHERE s.name = $1
            """;

    private static final String PARK =
            "INSERT INTO wal_monitor.parked_change AS p "
                    + COLUMNS
                    + """
                     ON CONFLICT ON CONSTRAINT unique_parked_change
                    DO UPDATE SET
                        version = p.version + 1,
                        keys = ARRAY(SELECT DISTINCT k FROM unnest(p.keys || excluded.keys) k)
                    WHERE p.state = 'parked'
                    """;

    private static final String MARK =
            "INSERT INTO wal_monitor.parked_change AS p "
                    + COLUMNS
                    + """
                      AND NOT EXISTS (
                        SELECT FROM wal_monitor.parked_change g
                        WHERE g.source_id = s.id AND g.rule = v.rule AND g.epoch = v.epoch
                          AND g.commit_lsn = v.commit_lsn::pg_lsn AND g.ordinal = v.ordinal
                          AND (g.mark IS NULL OR g.state = 'dead'))
                    ON CONFLICT (source_id, rule, epoch, segment, mark) WHERE mark IS NOT NULL AND state = 'parked'
                    DO UPDATE SET
                        version = p.version + 1,
                        commit_lsn = greatest(p.commit_lsn, excluded.commit_lsn),
                        ordinal = CASE WHEN %1$s THEN excluded.ordinal ELSE p.ordinal END,
                        committed_at = CASE WHEN %1$s THEN excluded.committed_at ELSE p.committed_at END,
                        table_name = CASE WHEN %1$s THEN excluded.table_name ELSE p.table_name END,
                        operation = CASE WHEN %1$s THEN excluded.operation ELSE p.operation END,
                        weight = CASE WHEN %1$s THEN excluded.weight ELSE p.weight END,
                        change = CASE WHEN %1$s THEN excluded.change ELSE p.change END,
                        first_lsn = least(p.first_lsn, excluded.first_lsn),
                        xids = ARRAY(SELECT DISTINCT x FROM unnest(p.xids || excluded.xids) x)
                    """
                            .formatted(
                                    "(excluded.commit_lsn, excluded.ordinal) > (p.commit_lsn, p.ordinal)");

    private static final String COUNT =
            """
            SELECT p.rule, p.state, p.epoch, count(*) AS rows, min(p.first_lsn)::text AS first,
                   max(p.commit_lsn)::text AS last
            FROM wal_monitor.parked_change p JOIN wal_monitor.sources s ON s.id = p.source_id
            WHERE s.name = $1 GROUP BY p.rule, p.state, p.epoch
            """;

    private static final String ALL_KEYS =
            """
            SELECT p.rule, k.key, count(*)::integer AS rows
            FROM wal_monitor.parked_change p JOIN wal_monitor.sources s ON s.id = p.source_id,
                 unnest(p.keys) AS k (key)
            WHERE s.name = $1 AND p.state = 'parked' GROUP BY p.rule, k.key LIMIT $2
            """;

    private static final String SHAPES =
            """
            SELECT DISTINCT p.rule, p.shape
            FROM wal_monitor.parked_change p JOIN wal_monitor.sources s ON s.id = p.source_id
            WHERE s.name = $1 AND p.state = 'parked'
            """;

    private static final String ALL_PAUSED =
            """
            SELECT p.rule, p.reason
            FROM wal_monitor.paused_rule p JOIN wal_monitor.sources s ON s.id = p.source_id WHERE s.name = $1
            """;

    /** The index has the order only if the source is one value: a join would sort all there is. */
    static final String PAGE =
            """
            SELECT * FROM (
                SELECT c.*, sum(c.weight) OVER (ORDER BY c.epoch, c.commit_lsn, c.ordinal) AS total FROM (
                    SELECT p.id, p.version, p.rule, p.epoch, p.commit_lsn, p.ordinal, p.keys, p.mark, p.first_lsn::text AS first,
                           p.xids, p.weight, p.change, p.attempts, p.due_at, p.error
                    FROM wal_monitor.parked_change p
                    WHERE p.source_id = (SELECT id FROM wal_monitor.sources WHERE name = $1)
                      AND p.rule = $2 AND p.state = 'parked'
                      AND (p.epoch, p.commit_lsn, p.ordinal) > ($3, $4::text::pg_lsn, $5)
                    ORDER BY p.epoch, p.commit_lsn, p.ordinal LIMIT $6) c) d
            WHERE d.total - d.weight < $7 ORDER BY d.epoch, d.commit_lsn, d.ordinal
            """;

    private static final String FORGET =
            """
            DELETE FROM wal_monitor.parked_change p
            USING unnest($1::bigint[], $2::integer[]) AS v (id, version)
            WHERE p.id = v.id AND p.version = v.version
            """;

    private static final String FAIL =
            """
            UPDATE wal_monitor.parked_change p SET
                state = v.state, attempts = v.attempts, due_at = v.due_at, error = v.error,
                died_at = CASE WHEN v.state = 'dead' THEN now() END
            FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::timestamptz[], $5::text[], $6::integer[])
                 AS v (id, state, attempts, due_at, error, version)
            WHERE p.id = v.id AND p.version = v.version
            """;

    private static final String PAUSE =
            """
            INSERT INTO wal_monitor.paused_rule (source_id, rule, reason)
            SELECT id, $2, $3 FROM wal_monitor.sources WHERE name = $1
            ON CONFLICT (source_id, rule) DO UPDATE SET reason = excluded.reason, paused_at = now()
            """;

    private static final String RESUME =
            """
            DELETE FROM wal_monitor.paused_rule p USING wal_monitor.sources s
            WHERE s.id = p.source_id AND s.name = $1 AND p.rule = $2
            """;

    private final Pool pool;
    private final MonitorDatabase database;
    private final ChangeText text = new ChangeText();

    ParkedChanges(Pool pool, MonitorDatabase database) {
        this.pool = pool;
        this.database = database;
    }

    @Override
    public Uni<Map<String, Standing>> load(String source) {
        return database.ask(() ->
                pool.withTransaction(connection -> {
                    connection.exceptionHandler(failure -> {}); // unheard, the client prints it
                    Found found = new Found();
                    return each(connection, COUNT, Tuple.of(source), found::count)
                            .chain(() ->
                                    each(
                                            connection,
                                            ALL_KEYS,
                                            Tuple.of(source, KEYS + 1),
                                            found::key))
                            .chain(() -> each(connection, SHAPES, Tuple.of(source), found::shape))
                            .chain(() ->
                                    each(connection, ALL_PAUSED, Tuple.of(source), found::paused))
                            .map(all -> found.standings());
                }));
    }

    private static Uni<Void> each(
            SqlConnection connection, String statement, Tuple values, Consumer<Row> take) {
        return connection
                .preparedQuery(statement)
                .execute(values)
                .invoke(rows -> rows.forEach(take))
                .replaceWithVoid();
    }

    /** What is found of every rule, row by row. */
    private static final class Found {
        private final Map<String, Kept> rules = new HashMap<>();
        private int keys;

        private Kept of(Row row) {
            return rules.computeIfAbsent(row.getString("rule"), rule -> new Kept());
        }

        private void count(Row row) {
            of(row).count(row);
        }

        private void key(Row row) {
            keys++;
            of(row).keys.put(row.getLong("key"), row.getInteger("rows"));
        }

        private void shape(Row row) {
            of(row).shapes.add(row.getLong("shape"));
        }

        private void paused(Row row) {
            of(row).paused = row.getString("reason");
        }

        private Map<String, Standing> standings() {
            Map<String, Standing> standings = new HashMap<>();
            rules.forEach((rule, kept) -> standings.put(rule, kept.standing(keys <= KEYS)));
            return standings;
        }
    }

    /** What is found of one rule. */
    private static final class Kept {
        private final Map<Long, Integer> keys = new HashMap<>();
        private final Set<Long> shapes = new TreeSet<>();
        private long parked;
        private long dead;
        private @Nullable Place oldest;
        private @Nullable Place latest;
        private @Nullable Place oldestDead;
        private @Nullable String paused;

        private void count(Row row) {
            Place first = new Place(row.getLong("epoch"), Lsn.parse(row.getString("first")), 0);
            if (row.getString("state").equals("dead")) {
                dead += row.getLong("rows");
                oldestDead = earlier(oldestDead, first);
            } else {
                parked += row.getLong("rows");
                oldest = earlier(oldest, first);
                Place last =
                        new Place(
                                first.epoch(), Lsn.parse(row.getString("last")), Integer.MAX_VALUE);
                latest = latest == null || last.compareTo(latest) > 0 ? last : latest;
            }
        }

        private static Place earlier(@Nullable Place known, Place other) {
            return known == null || other.compareTo(known) < 0 ? other : known;
        }

        private Standing standing(boolean allKeys) {
            return new Standing(
                    parked,
                    dead,
                    allKeys || parked == 0 ? keys : null,
                    shapes,
                    oldest,
                    latest,
                    oldestDead,
                    paused);
        }
    }

    @Override
    public Uni<Void> park(String source, List<ParkedChange> changes) {
        Map<String, ParkedChange> single = new LinkedHashMap<>();
        changes.stream()
                .filter(change -> change.mark() == null)
                .forEach(change ->
                        single.merge(
                                change.rule() + "\n" + change.place(),
                                change,
                                (one, other) -> one.with(other.keys())));
        Collection<ParkedChange> marked = together(changes);
        return database.ask(() ->
                pool.withTransaction(connection ->
                        insert(connection, PARK, source, single.values())
                                .chain(() -> insert(connection, MARK, source, marked))));
    }

    /** Of those with one mark in one piece of the log, the latest, for all of them. */
    private static Collection<ParkedChange> together(List<ParkedChange> changes) {
        Map<String, ParkedChange> marked = new LinkedHashMap<>();
        for (ParkedChange change : changes) {
            if (change.mark() != null) {
                marked.merge(
                        change.rule() + "\n" + segment(change) + "\n" + change.mark(),
                        change,
                        ParkedChanges::both);
            }
        }
        return marked.values();
    }

    private static ParkedChange both(ParkedChange one, ParkedChange other) {
        boolean later = other.place().compareTo(one.place()) > 0;
        ParkedChange kept = later ? other : one;
        ParkedChange gone = later ? one : other;
        Set<Integer> xids = new TreeSet<>(kept.xids());
        xids.addAll(gone.xids());
        Position first = kept.first().isAfter(gone.first()) ? gone.first() : kept.first();
        return new ParkedChange(
                kept.id(),
                kept.version(),
                kept.rule(),
                kept.change(),
                kept.keys(),
                kept.mark(),
                first,
                xids,
                kept.weight(),
                kept.attempts(),
                kept.due(),
                kept.error(),
                kept.dead());
    }

    private static long segment(ParkedChange change) {
        return change.change().transaction().commit().number() >>> SEGMENT_BITS;
    }

    private Uni<Void> insert(
            SqlConnection connection,
            String statement,
            String source,
            Collection<ParkedChange> changes) {
        if (changes.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<ParkedChange> all = new ArrayList<>(changes);
        Function<ParkedChange, Transaction> of = change -> change.change().transaction();
        Tuple values =
                Tuple.tuple()
                        .addString(source)
                        .addArrayOfString(texts(all, ParkedChange::rule))
                        .addArrayOfLong(longs(all, change -> of.apply(change).epoch()))
                        .addArrayOfString(texts(all, change -> of.apply(change).commit().text()))
                        .addArrayOfInteger(ints(all, change -> change.change().ordinal()))
                        .addArrayOfOffsetDateTime(times(all, change -> of.apply(change).time()))
                        .addArrayOfString(texts(all, change -> change.change().table().toString()))
                        .addArrayOfString(texts(all, change -> change.change().operation().name()))
                        .addArrayOfString(texts(all, change -> array(change.keys())))
                        .addArrayOfString(texts(all, change -> hash(change.mark())))
                        .addArrayOfLong(longs(all, ParkedChanges::segment))
                        .addArrayOfString(texts(all, change -> change.first().text()))
                        .addArrayOfString(
                                texts(
                                        all,
                                        change ->
                                                array(
                                                        change.xids().stream()
                                                                .map(Integer::toUnsignedLong)
                                                                .toList())))
                        .addArrayOfInteger(ints(all, ParkedChange::weight))
                        .addArrayOfString(texts(all, change -> text.write(change.change())))
                        .addArrayOfString(texts(all, ParkedChanges::state))
                        .addArrayOfInteger(ints(all, ParkedChange::attempts))
                        .addArrayOfOffsetDateTime(times(all, ParkedChange::due))
                        .addArrayOfString(texts(all, ParkedChange::error))
                        .addArrayOfLong(longs(all, ParkedChange::shape));
        return connection.preparedQuery(statement).execute(values).replaceWithVoid();
    }

    private static String state(ParkedChange change) {
        return change.dead() ? "dead" : "parked";
    }

    private static String array(Collection<Long> numbers) {
        StringBuilder array = new StringBuilder("{");
        numbers.forEach(number -> array.append(array.length() > 1 ? "," : "").append(number));
        return array.append('}').toString();
    }

    /** A mark may hold values of rows. */
    private static @Nullable String hash(@Nullable String mark) {
        if (mark == null) {
            return null;
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(mark.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Expected SHA-256 in every Java", e);
        }
    }

    private static <T> @Nullable String[] texts(List<T> all, Function<T, @Nullable String> value) {
        @Nullable String[] texts = new String[all.size()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = value.apply(all.get(i));
        }
        return texts;
    }

    private static <T> Long[] longs(List<T> all, Function<T, Long> value) {
        return all.stream().map(value).toArray(Long[]::new);
    }

    private static <T> Integer[] ints(List<T> all, Function<T, Integer> value) {
        return all.stream().map(value).toArray(Integer[]::new);
    }

    private static <T> OffsetDateTime[] times(List<T> all, Function<T, Instant> value) {
        return all.stream()
                .map(each -> value.apply(each).atOffset(ZoneOffset.UTC))
                .toArray(OffsetDateTime[]::new);
    }

    @Override
    public Uni<List<ParkedChange>> page(
            String source, String rule, @Nullable Place after, int rows, long bytes) {
        Tuple from =
                after == null
                        ? Tuple.of(source, rule, -1L, Lsn.ZERO.text(), -1)
                        : Tuple.of(
                                source,
                                rule,
                                after.epoch(),
                                after.commit().text(),
                                after.ordinal());
        return database.ask(() ->
                pool.preparedQuery(PAGE)
                        .execute(from.addInteger(rows).addLong(bytes))
                        .map(this::changes));
    }

    private List<ParkedChange> changes(RowSet<Row> rows) {
        List<ParkedChange> changes = new ArrayList<>();
        rows.forEach(row -> changes.add(change(row)));
        return changes;
    }

    private ParkedChange change(Row row) {
        RowChange change = text.read(row.getString("change"));
        Set<Integer> xids = new TreeSet<>();
        for (Long xid : row.getArrayOfLongs("xids")) {
            xids.add(xid.intValue());
        }
        return new ParkedChange(
                row.getLong("id"),
                row.getInteger("version"),
                row.getString("rule"),
                change,
                List.of(row.getArrayOfLongs("keys")),
                row.getString("mark"),
                Lsn.parse(row.getString("first")),
                xids,
                row.getInteger("weight"),
                row.getInteger("attempts"),
                row.getOffsetDateTime("due_at").toInstant(),
                row.getString("error"),
                false);
    }

    @Override
    public Uni<Void> settle(Collection<ParkedChange> done, Collection<ParkedChange> failed) {
        List<ParkedChange> gone = List.copyOf(done);
        List<ParkedChange> kept = List.copyOf(failed);
        return database.ask(() ->
                pool.withTransaction(connection ->
                        forget(connection, gone).chain(() -> fail(connection, kept))));
    }

    private static Uni<Void> forget(SqlConnection connection, List<ParkedChange> done) {
        return done.isEmpty()
                ? Uni.createFrom().voidItem()
                : connection
                        .preparedQuery(FORGET)
                        .execute(
                                Tuple.tuple()
                                        .addArrayOfLong(longs(done, ParkedChange::id))
                                        .addArrayOfInteger(ints(done, ParkedChange::version)))
                        .replaceWithVoid();
    }

    private static Uni<Void> fail(SqlConnection connection, List<ParkedChange> failed) {
        return failed.isEmpty()
                ? Uni.createFrom().voidItem()
                : connection
                        .preparedQuery(FAIL)
                        .execute(
                                Tuple.tuple()
                                        .addArrayOfLong(longs(failed, ParkedChange::id))
                                        .addArrayOfString(texts(failed, ParkedChanges::state))
                                        .addArrayOfInteger(ints(failed, ParkedChange::attempts))
                                        .addArrayOfOffsetDateTime(times(failed, ParkedChange::due))
                                        .addArrayOfString(texts(failed, ParkedChange::error))
                                        .addArrayOfInteger(ints(failed, ParkedChange::version)))
                        .replaceWithVoid();
    }

    @Override
    public Uni<Void> pause(String source, String rule, @Nullable String why) {
        return database.ask(() ->
                why == null
                        ? pool.preparedQuery(RESUME)
                                .execute(Tuple.of(source, rule))
                                .replaceWithVoid()
                        : pool.preparedQuery(PAUSE)
                                .execute(Tuple.of(source, rule, why))
                                .replaceWithVoid());
    }
}
