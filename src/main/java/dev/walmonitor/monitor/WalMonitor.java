package dev.walmonitor.monitor;

import io.vertx.mutiny.sqlclient.Row;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The one monitor row of a source. Times are the monitor database's own, but for what the source
 * tells.
 */
@Entity
@Table(schema = "wal_monitor", name = "wal_monitor")
@SuppressWarnings("NullAway.Init")
public class WalMonitor {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Integer id;

    @Column(name = "source_id")
    public Integer sourceId;

    /** The furthest position that the source has sent, as its database prints it. */
    @Column(name = "wal_lsn")
    public @Nullable String walLsn;

    /** The same as a number of bytes. */
    @Column(name = "wal_position")
    public @Nullable Long walPosition;

    /** When the last byte came, by our clock. */
    @Column(name = "last_wal_received")
    public @Nullable Instant lastWalReceived;

    /** When the last transaction that came was committed, by the source's clock. */
    @Column(name = "last_transaction_time")
    public @Nullable Instant lastTransactionTime;

    @Column(name = "replication_slot_name")
    public @Nullable String replicationSlotName;

    @Column(name = "replication_lag_bytes")
    public @Nullable Long replicationLagBytes;

    @Enumerated(EnumType.STRING)
    public MonitorStatus status;

    @Column(name = "error_message")
    public @Nullable String errorMessage;

    @Column(name = "last_checked_at")
    public Instant lastCheckedAt;

    @Column(name = "created_at")
    public Instant createdAt;

    @Column(name = "updated_at")
    public Instant updatedAt;

    static WalMonitor of(Row row) {
        WalMonitor monitor = new WalMonitor();
        monitor.id = row.getInteger("id");
        monitor.sourceId = row.getInteger("source_id");
        monitor.walLsn = row.getString("wal_lsn");
        monitor.walPosition = row.getLong("wal_position");
        monitor.lastWalReceived = time(row, "last_wal_received");
        monitor.lastTransactionTime = time(row, "last_transaction_time");
        monitor.replicationSlotName = row.getString("replication_slot_name");
        monitor.replicationLagBytes = row.getLong("replication_lag_bytes");
        monitor.status = MonitorStatus.valueOf(row.getString("status"));
        monitor.errorMessage = row.getString("error_message");
        monitor.lastCheckedAt = row.getOffsetDateTime("last_checked_at").toInstant();
        monitor.createdAt = row.getOffsetDateTime("created_at").toInstant();
        monitor.updatedAt = row.getOffsetDateTime("updated_at").toInstant();
        return monitor;
    }

    private static @Nullable Instant time(Row row, String column) {
        OffsetDateTime time = row.getOffsetDateTime(column);
        return time == null ? null : time.toInstant();
    }
}
