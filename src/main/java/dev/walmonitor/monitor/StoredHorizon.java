package dev.walmonitor.monitor;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.handler.Horizon;
import dev.walmonitor.handler.OldestParked;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;

/** The stored watermark of a source, or the oldest change that is parked, if that is older. */
@Singleton
class StoredHorizon implements Horizon {
    private static final String WATERMARK =
            """
            SELECT epoch, watermark_number FROM wal_monitor.sources
            WHERE name = $1 AND watermark_number IS NOT NULL
            """;

    private final MonitorDatabase database;
    private final Pool pool;
    private final OldestParked parked;

    @Inject
    StoredHorizon(MonitorDatabase database, Pool pool, Instance<OldestParked> parked) {
        this(
                database,
                pool,
                parked.isResolvable()
                        ? parked.get()
                        : source -> Uni.createFrom().item(Optional.empty()));
    }

    StoredHorizon(MonitorDatabase database, Pool pool, OldestParked parked) {
        this.database = database;
        this.pool = pool;
        this.parked = parked;
    }

    /**
     * The watermark is asked for first: what is parked afterwards was not done by then, and lies
     * behind it.
     */
    @Override
    public Uni<Optional<Place>> of(String source) {
        return watermark(source)
                .chain(watermark -> parked.of(source).map(oldest -> earlier(watermark, oldest)));
    }

    private static Optional<Place> earlier(Optional<Place> watermark, Optional<Place> oldest) {
        return watermark.map(
                done -> oldest.filter(place -> place.compareTo(done) < 0).orElse(done));
    }

    private Uni<Optional<Place>> watermark(String source) {
        return database.ask(() ->
                pool.preparedQuery(WATERMARK).execute(Tuple.of(source)).map(StoredHorizon::place));
    }

    private static Optional<Place> place(RowSet<Row> rows) {
        for (Row row : rows) {
            Lsn position = new Lsn(row.getBigDecimal(1).longValue());
            return Optional.of(new Place(row.getLong(0), position));
        }
        return Optional.empty();
    }
}
