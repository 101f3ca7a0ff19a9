package dev.walmonitor.monitor;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.pipeline.WatermarkStore;
import dev.walmonitor.source.Checkpoint;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.SqlConnection;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each source's watermark in its row of {@code sources}, which it makes if it is not there
 * yet, and gaps in {@code gap}. Within an epoch a stored watermark never goes back, and nothing of
 * an earlier epoch is stored: an instance that was frozen and wakes up after another has taken over
 * changes nothing.
 */
@Singleton
public class StoredWatermarks implements WatermarkStore {

    /** Which of two watermarks of the same epoch is kept. */
    private static final String UPSERT =
            """
            INSERT INTO wal_monitor.sources AS s
                (name, kind, system_identifier, timeline, epoch, watermark, watermark_number, watermark_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, now())
            ON CONFLICT (name) DO UPDATE SET
                system_identifier = excluded.system_identifier,
                timeline = excluded.timeline,
                epoch = excluded.epoch,
                watermark = CASE WHEN s.epoch = excluded.epoch AND s.watermark_number > excluded.watermark_number
                                 THEN s.watermark ELSE excluded.watermark END,
                watermark_number = CASE WHEN s.epoch = excluded.epoch THEN greatest(s.watermark_number, excluded.watermark_number)
                                        ELSE excluded.watermark_number END,
                watermark_at = excluded.watermark_at
            WHERE s.epoch <= excluded.epoch
            RETURNING s.id
            """;

    private static final String DECLARE =
            """
            INSERT INTO wal_monitor.gap (source_id, epoch, from_position, to_position, reason, tables, rules)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """;

    private static final String LOAD =
            """
            SELECT system_identifier, timeline, epoch, watermark FROM wal_monitor.sources
            WHERE name = $1 AND system_identifier IS NOT NULL AND watermark IS NOT NULL
            """;

    private final Pool pool;
    private final MonitorDatabase database;

    StoredWatermarks(Pool pool, MonitorDatabase database) {
        this.pool = pool;
        this.database = database;
    }

    @Override
    public Uni<Optional<Checkpoint>> load(String source) {
        return database.ask(() ->
                pool.preparedQuery(LOAD)
                        .execute(Tuple.of(source))
                        .map(StoredWatermarks::checkpoint));
    }

    private static Optional<Checkpoint> checkpoint(RowSet<Row> rows) {
        for (Row row : rows) {
            LogIdentity log = new LogIdentity(row.getString(0), row.getLong(1), row.getLong(2));
            return Optional.of(new Checkpoint(log, Lsn.parse(row.getString(3))));
        }
        return Optional.empty();
    }

    @Override
    public Uni<Void> begin(
            String source, Checkpoint checkpoint, @Nullable Gap gap, Map<String, Remedy> rules) {
        return database.ask(() ->
                pool.withTransaction(connection -> {
                    connection.exceptionHandler(failure -> {}); // unheard, the client prints it
                    return upsert(connection, source, checkpoint)
                            .chain(id ->
                                    gap == null
                                            ? Uni.createFrom().voidItem()
                                            : declare(connection, id, checkpoint, gap, rules));
                }));
    }

    @Override
    public Uni<Void> store(String source, Checkpoint checkpoint) {
        return database.ask(() ->
                pool.preparedQuery(UPSERT)
                        .execute(row(source, checkpoint))
                        .map(rows -> id(source, checkpoint, rows))
                        .replaceWithVoid());
    }

    private static Uni<Integer> upsert(
            SqlConnection connection, String source, Checkpoint checkpoint) {
        return connection
                .preparedQuery(UPSERT)
                .execute(row(source, checkpoint))
                .map(rows -> id(source, checkpoint, rows));
    }

    private static int id(String source, Checkpoint checkpoint, RowSet<Row> rows) {
        for (Row row : rows) {
            return row.getInteger(0);
        }
        throw new IllegalStateException(
                "another instance follows source "
                        + source
                        + " in a later epoch than "
                        + checkpoint.log().epoch());
    }

    private static Uni<Void> declare(
            SqlConnection connection,
            int source,
            Checkpoint checkpoint,
            Gap gap,
            Map<String, Remedy> rules) {
        JsonObject remedies = new JsonObject();
        new TreeMap<>(rules).forEach((rule, remedy) -> remedies.put(rule, remedy.name()));
        Position from = gap.from();
        String @Nullable [] tables =
                gap.tables().isEmpty()
                        ? null
                        : gap.tables().stream()
                                .map(Object::toString)
                                .sorted()
                                .toArray(String[]::new);
        Tuple row =
                Tuple.tuple()
                        .addInteger(source)
                        .addLong(checkpoint.log().epoch())
                        .addString(from == null ? null : from.text())
                        .addString(gap.to().text())
                        .addString(gap.reason())
                        .addArrayOfString(tables)
                        .addValue(remedies);
        return connection.preparedQuery(DECLARE).execute(row).replaceWithVoid();
    }

    private static Tuple row(String source, Checkpoint checkpoint) {
        Position position = checkpoint.watermark();
        LogIdentity log = checkpoint.log();
        return Tuple.tuple()
                .addString(source)
                .addString(kind(position))
                .addString(log.system())
                .addLong(log.timeline())
                .addLong(log.epoch())
                .addString(position.text())
                .addBigDecimal(new BigDecimal(Long.toUnsignedString(position.number())));
    }

    private static String kind(Position position) {
        return switch (position) {
            case Lsn lsn -> "postgresql";
        };
    }
}
