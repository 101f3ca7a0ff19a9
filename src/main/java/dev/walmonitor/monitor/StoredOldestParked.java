package dev.walmonitor.monitor;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.handler.Horizon.Place;
import dev.walmonitor.handler.OldestParked;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Singleton;
import java.util.Optional;

/** The oldest change in {@code parked_change}, whether it waits or was given up. */
@Singleton
class StoredOldestParked implements OldestParked {
    private static final String OLDEST =
            """
            SELECT p.epoch, min(p.first_lsn)::text
            FROM wal_monitor.parked_change p JOIN wal_monitor.sources s ON s.id = p.source_id
            WHERE s.name = $1 GROUP BY p.epoch ORDER BY p.epoch LIMIT 1
            """;

    private final MonitorDatabase database;
    private final Pool pool;

    StoredOldestParked(MonitorDatabase database, Pool pool) {
        this.database = database;
        this.pool = pool;
    }

    @Override
    public Uni<Optional<Place>> of(String source) {
        return database.ask(() ->
                pool.preparedQuery(OLDEST)
                        .execute(Tuple.of(source))
                        .map(StoredOldestParked::place));
    }

    private static Optional<Place> place(RowSet<Row> rows) {
        for (Row row : rows) {
            return Optional.of(new Place(row.getLong(0), Lsn.parse(row.getString(1))));
        }
        return Optional.empty();
    }
}
