package dev.walmonitor.monitor;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.pipeline.WatermarkStore;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.math.BigDecimal;

/**
 * Keeps each source's watermark in its row of {@code sources}, which it makes if it is not there
 * yet. A stored watermark never goes back: an instance that was frozen and wakes up after another
 * has taken over changes nothing.
 */
@Singleton
public class StoredWatermarks implements WatermarkStore {
    private static final String STORE =
            """
            INSERT INTO wal_monitor.sources AS s (name, kind, watermark, watermark_number, watermark_at)
            VALUES ($1, $2, $3, $4, now())
            ON CONFLICT (name) DO UPDATE SET watermark = excluded.watermark,
                watermark_number = excluded.watermark_number, watermark_at = excluded.watermark_at
            WHERE s.watermark_number IS NULL OR s.watermark_number < excluded.watermark_number
            """;

    private final Pool pool;
    private final MonitorDatabase database;

    StoredWatermarks(Pool pool, MonitorDatabase database) {
        this.pool = pool;
        this.database = database;
    }

    @Override
    public Uni<Void> store(String source, Position position) {
        Tuple row = Tuple.of(source, kind(position), position.text(), number(position));
        return database.ask(() -> pool.preparedQuery(STORE).execute(row).replaceWithVoid());
    }

    private static String kind(Position position) {
        return switch (position) {
            case Lsn lsn -> "postgresql";
        };
    }

    private static BigDecimal number(Position position) {
        return new BigDecimal(Long.toUnsignedString(position.number()));
    }
}
