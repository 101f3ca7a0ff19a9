package dev.walmonitor.monitor;

import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
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

    private static final String UPSERT =
            """
            INSERT INTO wal_monitor.wal_monitor (source_id, wal_lsn, wal_position, last_wal_received,
                last_transaction_time, replication_slot_name, replication_lag_bytes, status, error_message)
            VALUES (:source, :lsn, :position, :received, :transaction, :slot, :lag, :status, :error)
            ON CONFLICT (source_id) DO UPDATE SET wal_lsn = excluded.wal_lsn, wal_position = excluded.wal_position,
                last_wal_received = excluded.last_wal_received,
                last_transaction_time = excluded.last_transaction_time,
                replication_slot_name = excluded.replication_slot_name,
                replication_lag_bytes = excluded.replication_lag_bytes, status = excluded.status,
                error_message = excluded.error_message, last_checked_at = now(), updated_at = now()
            RETURNING \
            """
                    + COLUMNS;

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
    private static final String DELETE =
            "DELETE FROM wal_monitor.wal_monitor WHERE source_id = :source RETURNING " + COLUMNS;

    /**
     * Creates or replaces the row of a source, in one statement, so that any number of writers
     * leave one row.
     *
     * @return fails if there is no such source
     */
    @WithTransaction
    public Uni<WalMonitor> upsertMonitor(int sourceId, Sighting sighting) {
        return getSession()
                .chain(session ->
                        session.createNativeQuery(UPSERT, WalMonitor.class)
                                .setParameter("source", sourceId)
                                .setParameter(
                                        "lsn",
                                        sighting.position() == null
                                                ? null
                                                : sighting.position().text())
                                .setParameter(
                                        "position",
                                        sighting.position() == null
                                                ? null
                                                : sighting.position().number())
                                .setParameter("received", sighting.lastReceived())
                                .setParameter("transaction", sighting.lastTransaction())
                                .setParameter("slot", sighting.slot())
                                .setParameter("lag", sighting.lagBytes())
                                .setParameter("status", sighting.status().name())
                                .setParameter("error", sighting.error())
                                .getSingleResult());
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
