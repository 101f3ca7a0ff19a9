package dev.walmonitor.monitor;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.SqlClient;
import io.vertx.pgclient.PgException;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code wal_monitor}, one row a source. Called on a context of its own: {@link
 * MonitorDatabase#ask}. All queries are SQL, for the reason that {@link SourceRepository} gives.
 */
@Singleton
public class WalMonitorRepository implements PanacheRepositoryBase<WalMonitor, Integer> {
    private static final String COLUMNS =
            "id, source_id, wal_lsn, wal_position, last_wal_received, last_transaction_time, replication_slot_name,"
                    + " replication_lag_bytes, status, error_message, last_checked_at, created_at, updated_at";

    /** What an upsert sets; {@code new} stands for the row that is written where there is none. */
    private static final String CHANGES =
            """
            wal_lsn = CASE WHEN $2 THEN $3 ELSE w.wal_lsn END,
                wal_position = CASE WHEN $4 THEN $5 ELSE w.wal_position END,
                last_wal_received = CASE WHEN $6 THEN $7 ELSE w.last_wal_received END,
                last_transaction_time = CASE WHEN $8 THEN $9 ELSE w.last_transaction_time END,
                replication_slot_name = CASE WHEN $10 THEN $11 ELSE w.replication_slot_name END,
                replication_lag_bytes = CASE WHEN $12 THEN $13 ELSE w.replication_lag_bytes END,
                status = CASE WHEN $14 THEN $15 ELSE w.status END,
                error_message = CASE WHEN $16 THEN $17 ELSE w.error_message END,
                last_checked_at = now(), updated_at = now() \
            """;

    /**
     * One statement, so that any number of writers leave one row. A row that is there is updated
     * without an attempt to insert it, because each attempt would take an id, and there are only
     * two thousand million of them.
     */
    private static final String UPSERT =
            """
            WITH updated AS (
                UPDATE wal_monitor.wal_monitor w SET \
            """
                    + CHANGES
                    + "WHERE w.source_id = $1 RETURNING w.*, false AS created),"
                    + """
                     inserted AS (
                        INSERT INTO wal_monitor.wal_monitor AS w (source_id, wal_lsn, wal_position, last_wal_received,
                            last_transaction_time, replication_slot_name, replication_lag_bytes, status, error_message)
                        SELECT $1::integer, $3::varchar, $5::bigint, $7::timestamptz, $9::timestamptz, $11::varchar, $13::bigint,
                            CASE WHEN $14::boolean THEN $15::varchar ELSE 'ACTIVE' END, $17::text
                        WHERE NOT EXISTS (SELECT 1 FROM updated)
                        ON CONFLICT (source_id) DO UPDATE SET \
                    """
                    + CHANGES
                    + "RETURNING w.*, w.xmax = 0 AS created)"
                    + " SELECT * FROM updated UNION ALL SELECT * FROM inserted";

    private static final String STATUS =
            """
            UPDATE wal_monitor.wal_monitor SET status = :status, error_message = :error,
                last_checked_at = now(), updated_at = now()
            WHERE source_id = :source RETURNING \
            """
                    + COLUMNS;

    private static final String ONE =
            "SELECT " + COLUMNS + " FROM wal_monitor.wal_monitor WHERE source_id = :source";
    private static final String ALL =
            "SELECT " + COLUMNS + " FROM wal_monitor.wal_monitor ORDER BY source_id";
    private static final String PAGE =
            "SELECT "
                    + COLUMNS
                    + " FROM wal_monitor.wal_monitor WHERE source_id > :after"
                    + " AND (cast(:status AS varchar) IS NULL OR status = :status)"
                    + " ORDER BY source_id LIMIT :most";
    private static final String DELETE =
            "DELETE FROM wal_monitor.wal_monitor WHERE source_id = :source RETURNING " + COLUMNS;

    private final Pool pool;

    WalMonitorRepository(Pool pool) {
        this.pool = pool;
    }

    /**
     * What an upsert left.
     *
     * @param created whether there was no row before
     */
    public record Upserted(WalMonitor row, boolean created) {}

    /**
     * What is to be written about a source.
     *
     * @param sourceId the source's id
     */
    public record Update(int sourceId, MonitorUpdate fields) {}

    /**
     * Creates or replaces the row of a source.
     *
     * @return fails if there is no such source
     */
    public Uni<WalMonitor> upsertMonitor(int sourceId, Sighting sighting) {
        return upsertMonitor(sourceId, MonitorUpdate.of(sighting)).map(Upserted::row);
    }

    /**
     * Creates the row of a source, or changes those fields of it that are given.
     *
     * @return fails with {@link UnknownSourceException} if there is no such source
     */
    public Uni<Upserted> upsertMonitor(int sourceId, MonitorUpdate fields) {
        return upsert(pool, new Update(sourceId, fields));
    }

    /**
     * Creates or changes the rows of several sources, all of them or none.
     *
     * @return in the order in which they were given; fails with {@link UnknownSourceException} if
     *     there is no source of one
     */
    public Uni<List<Upserted>> upsertMonitors(List<Update> updates) {
        // Always in the same order, so that two batches do not wait for each other.
        List<Update> sorted = new ArrayList<>(updates);
        sorted.sort(Comparator.comparingInt(Update::sourceId));
        return pool.withTransaction(to ->
                        Multi.createFrom()
                                .iterable(sorted)
                                .onItem()
                                .transformToUniAndConcatenate(update -> upsert(to, update))
                                .collect()
                                .asMap(done -> done.row().sourceId))
                .map(done ->
                        updates.stream()
                                .map(update -> Objects.requireNonNull(done.get(update.sourceId())))
                                .toList());
    }

    private static Uni<Upserted> upsert(SqlClient client, Update update) {
        return client.preparedQuery(UPSERT)
                .execute(update.fields().values(update.sourceId()))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new Upserted(WalMonitor.of(row), row.getBoolean("created"));
                })
                .onFailure(WalMonitorRepository::isUnknownSource)
                .transform(failure -> new UnknownSourceException(update.sourceId()));
    }

    private static boolean isUnknownSource(Throwable failure) {
        return failure instanceof PgException known && "23503".equals(known.getSqlState());
    }

    @WithSession
    public Uni<Optional<WalMonitor>> getBySource(int sourceId) {
        return getSession()
                .chain(session ->
                        session.createNativeQuery(ONE, WalMonitor.class)
                                .setParameter("source", sourceId)
                                .getSingleResultOrNull())
                .map(Optional::ofNullable);
    }

    @WithSession
    public Uni<List<WalMonitor>> getAllMonitors() {
        return getSession()
                .chain(session -> session.createNativeQuery(ALL, WalMonitor.class).getResultList());
    }

    /**
     * Some of the rows, by source.
     *
     * @param status null for any
     * @param after the source's id of the last row of the page before; 0 for the first page
     */
    @WithSession
    public Uni<List<WalMonitor>> getMonitors(@Nullable MonitorStatus status, int after, int most) {
        return getSession()
                .chain(session ->
                        session.createNativeQuery(PAGE, WalMonitor.class)
                                .setParameter("status", status == null ? null : status.name())
                                .setParameter("after", after)
                                .setParameter("most", most)
                                .getResultList());
    }

    /**
     * Changes nothing but the status and its message.
     *
     * @return empty if the source has no row
     */
    @WithTransaction
    public Uni<Optional<WalMonitor>> updateStatus(
            int sourceId, MonitorStatus status, @Nullable String error) {
        return getSession()
                .chain(session ->
                        session.createNativeQuery(STATUS, WalMonitor.class)
                                .setParameter("source", sourceId)
                                .setParameter("status", status.name())
                                .setParameter("error", error)
                                .getSingleResultOrNull())
                .map(Optional::ofNullable);
    }

    /**
     * @return whether there was a row
     */
    @WithTransaction
    public Uni<Boolean> deleteBySource(int sourceId) {
        return getSession()
                .chain(session ->
                        session.createNativeQuery(DELETE, WalMonitor.class)
                                .setParameter("source", sourceId)
                                .getSingleResultOrNull())
                .map(Objects::nonNull);
    }
}
