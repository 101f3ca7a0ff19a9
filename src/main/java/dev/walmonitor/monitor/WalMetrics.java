package dev.walmonitor.monitor;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The table {@code wal_metrics}, a row a source and interval. Thread-safe. */
@Singleton
public class WalMetrics {

    /**
     * How a source of ours stands.
     *
     * @param changesPerSecond those that a rule wants; null if it is not known
     */
    record Sample(
            String source,
            @Nullable Long position,
            @Nullable Long lagBytes,
            @Nullable Long retainedBytes,
            @Nullable Double changesPerSecond) {}

    /**
     * How a source stood.
     *
     * @param at where the time begins that the point stands for
     * @param position the last one of that time
     * @param lagBytes in the middle
     */
    public record Point(
            Instant at,
            @Nullable Long position,
            @Nullable Long lagBytes,
            @Nullable Long lagBytesMax,
            @Nullable Long retainedBytes,
            @Nullable Double walBytesPerSecond,
            @Nullable Double changesPerSecond) {}

    private static final String COLUMNS =
            "(source_id, resolution, at, wal_position, lag_bytes, lag_bytes_max, retained_bytes,"
                    + " wal_bytes_per_second, changes_per_second)";

    /** From the row before, if it is not too old to say anything about this time. */
    private static final String RATE =
            """
            LEFT JOIN LATERAL (
                SELECT p.wal_position, p.at FROM wal_monitor.wal_metrics p
                WHERE p.source_id = m.id AND p.resolution = $1 AND p.at < $2 AND p.at > $2 - interval '10 minutes'
                ORDER BY p.at DESC LIMIT 1) before ON true
            ON CONFLICT (source_id, resolution, at) DO NOTHING
            """;

    private static final String VALUES =
            """
            SELECT m.id, $1::integer, $2::timestamptz, m.position, m.lag, m.lag, m.retained,
                CASE WHEN before.wal_position <= m.position
                     THEN (m.position::numeric - before.wal_position)::float8 / extract(epoch FROM $2 - before.at)::float8
                END, m.changes
            FROM ( \
            """;

    private static final String APPEND =
            "INSERT INTO wal_monitor.wal_metrics "
                    + COLUMNS
                    + VALUES
                    + """
                    SELECT s.id, o.position, o.lag, o.retained, o.changes
                    FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::float8[])
                        AS o (source, position, lag, retained, changes)
                    JOIN wal_monitor.sources s ON s.name = o.source) m
                    """
                    + RATE;

    /** What was checked within the interval, of sources that are none of ours. */
    private static final String APPEND_OTHERS =
            "INSERT INTO wal_monitor.wal_metrics "
                    + COLUMNS
                    + VALUES
                    + """
                    SELECT s.id, w.wal_position AS position, w.replication_lag_bytes AS lag, NULL::bigint AS retained,
                        NULL::float8 AS changes
                    FROM wal_monitor.wal_monitor w JOIN wal_monitor.sources s ON s.id = w.source_id
                    WHERE s.name <> ALL ($3::text[]) AND w.last_checked_at > now() - make_interval(secs => $1)) m
                    """
                    + RATE;

    /** What came since the last sum began, which is made anew. */
    private static final String SUM_UP =
            "INSERT INTO wal_monitor.wal_metrics "
                    + COLUMNS
                    + """
                    SELECT m.source_id, $1::integer, to_timestamp(floor(extract(epoch FROM m.at) / $1) * $1),
                        (array_agg(m.wal_position ORDER BY m.at DESC) FILTER (WHERE m.wal_position IS NOT NULL))[1],
                        round(avg(m.lag_bytes))::bigint, max(m.lag_bytes_max), max(m.retained_bytes),
                        avg(m.wal_bytes_per_second), avg(m.changes_per_second)
                    FROM wal_monitor.sources s
                    CROSS JOIN LATERAL (SELECT coalesce(max(at), '-infinity') AS at FROM wal_monitor.wal_metrics
                                        WHERE source_id = s.id AND resolution = $1) last
                    JOIN wal_monitor.wal_metrics m ON m.source_id = s.id AND m.resolution = $2 AND m.at >= last.at
                    GROUP BY 1, 3 ORDER BY 1, 3
                    ON CONFLICT (source_id, resolution, at) DO UPDATE SET wal_position = excluded.wal_position,
                        lag_bytes = excluded.lag_bytes, lag_bytes_max = excluded.lag_bytes_max,
                        retained_bytes = excluded.retained_bytes,
                        wal_bytes_per_second = excluded.wal_bytes_per_second,
                        changes_per_second = excluded.changes_per_second
                    """;

    private static final String READ =
            """
            SELECT floor(extract(epoch FROM at) / $5::integer)::bigint * $5::integer AS second,
                (array_agg(wal_position ORDER BY at DESC) FILTER (WHERE wal_position IS NOT NULL))[1] AS position,
                round(avg(lag_bytes))::bigint AS lag, max(lag_bytes_max) AS lag_max, max(retained_bytes) AS retained,
                avg(wal_bytes_per_second) AS wal, avg(changes_per_second) AS changes
            FROM wal_monitor.wal_metrics
            WHERE source_id = $1 AND resolution = $2 AND at >= $3 AND at < $4
            GROUP BY 1 ORDER BY 1
            """;

    private static final String PRUNE =
            """
            DELETE FROM wal_monitor.wal_metrics WHERE (source_id, resolution, at) IN (
                SELECT source_id, resolution, at FROM wal_monitor.wal_metrics
                WHERE resolution = $1 AND at < $2 LIMIT $3)
            """;

    /** Of another interval that was configured before. */
    private static final String PRUNE_OTHERS =
            """
            DELETE FROM wal_monitor.wal_metrics WHERE (source_id, resolution, at) IN (
                SELECT source_id, resolution, at FROM wal_monitor.wal_metrics
                WHERE resolution <> ALL ($1::integer[]) AND at < $2 LIMIT $3)
            """;

    static final int AT_ONCE = 5_000;

    private final Pool pool;
    private final MonitorDatabase database;
    private final Resolutions resolutions;

    @Inject
    WalMetrics(Pool pool, MonitorDatabase database, MetricsConfig config) {
        this(pool, database, new Resolutions(config));
    }

    WalMetrics(Pool pool, MonitorDatabase database, Resolutions resolutions) {
        this.pool = pool;
        this.database = database;
        this.resolutions = resolutions;
    }

    public Resolutions resolutions() {
        return resolutions;
    }

    /**
     * Adds a row for each of our sources, if no instance has added that of this interval yet.
     *
     * @param now any time of the interval
     */
    Uni<Void> append(Instant now, List<Sample> samples) {
        Tuple values =
                interval(now)
                        .addArrayOfString(column(samples, Sample::source).toArray(String[]::new))
                        .addArrayOfLong(column(samples, Sample::position).toArray(Long[]::new))
                        .addArrayOfLong(column(samples, Sample::lagBytes).toArray(Long[]::new))
                        .addArrayOfLong(column(samples, Sample::retainedBytes).toArray(Long[]::new))
                        .addArrayOfDouble(
                                column(samples, Sample::changesPerSecond).toArray(Double[]::new));
        return run(APPEND, values).replaceWithVoid();
    }

    /** Adds a row for each source that another listener watches and that was checked just now. */
    Uni<Void> appendOthers(Instant now, List<String> ours) {
        return run(APPEND_OTHERS, interval(now).addArrayOfString(ours.toArray(String[]::new)))
                .replaceWithVoid();
    }

    private Tuple interval(Instant now) {
        long raw = resolutions.raw();
        Instant begin = Instant.ofEpochSecond(Math.floorDiv(now.getEpochSecond(), raw) * raw);
        return Tuple.tuple().addInteger(resolutions.raw()).addValue(begin.atOffset(ZoneOffset.UTC));
    }

    private static <T> List<@Nullable T> column(
            List<Sample> samples, Function<Sample, @Nullable T> value) {
        List<@Nullable T> column = new ArrayList<>();
        samples.forEach(sample -> column.add(value.apply(sample)));
        return column;
    }

    /** Sums up what came by minute, and that by hour. */
    Uni<Void> sumUp() {
        List<Integer> all = resolutions.all();
        Uni<Void> work = Uni.createFrom().voidItem();
        for (int n = 1; n < all.size(); n++) {
            Tuple values = Tuple.of(all.get(n), all.get(n - 1));
            work = work.chain(() -> run(SUM_UP, values)).replaceWithVoid();
        }
        return work;
    }

    /** Removes some of what is too old; answers how many at most of one kind. */
    Uni<Integer> prune(Instant now) {
        List<Integer> all = resolutions.all();
        Duration shortest = resolutions.keep(resolutions.raw());
        Uni<Integer> most =
                run(
                        PRUNE_OTHERS,
                        Tuple.tuple()
                                .addArrayOfInteger(all.toArray(Integer[]::new))
                                .addValue(now.minus(shortest).atOffset(ZoneOffset.UTC))
                                .addInteger(AT_ONCE));
        for (int seconds : all) {
            Instant end = now.minus(resolutions.keep(seconds));
            Tuple values = Tuple.of(seconds, end.atOffset(ZoneOffset.UTC), AT_ONCE);
            most = most.chain(before -> run(PRUNE, values).map(rows -> Math.max(before, rows)));
        }
        return most;
    }

    /** How a source stood, in the order of time; times of which nothing is known are left out. */
    public Uni<List<Point>> read(
            int sourceId, Resolutions.Choice choice, Instant from, Instant to) {
        Tuple values =
                Tuple.of(
                        sourceId,
                        choice.resolution(),
                        from.atOffset(ZoneOffset.UTC),
                        to.atOffset(ZoneOffset.UTC),
                        choice.step());
        return database.ask(() ->
                pool.preparedQuery(READ)
                        .execute(values)
                        .map(rows -> {
                            List<Point> points = new ArrayList<>();
                            rows.forEach(row -> points.add(point(row)));
                            return points;
                        }));
    }

    private static Point point(Row row) {
        return new Point(
                Instant.ofEpochSecond(row.getLong("second")),
                row.getLong("position"),
                row.getLong("lag"),
                row.getLong("lag_max"),
                row.getLong("retained"),
                row.getDouble("wal"),
                row.getDouble("changes"));
    }

    private Uni<Integer> run(String statement, Tuple values) {
        return database.ask(
                () -> pool.preparedQuery(statement).execute(values).map(rows -> rows.rowCount()));
    }
}
