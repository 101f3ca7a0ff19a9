package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.monitor.MonitorStatus;
import dev.walmonitor.monitor.WalMonitor;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The monitor row of a source as the API shows it. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "WalMonitor")
record MonitorView(
        @Schema(examples = "1") int id,
        @Schema(examples = "1") int sourceId,
        @Schema(
                        description = "The furthest position that the source has sent",
                        examples = "16/B374D848")
                @Nullable String walLsn,
        @Schema(description = "The same as a number of bytes", examples = "97500059720")
                @Nullable Long walPosition,
        @Schema(description = "When the last byte came, by the service's clock")
                @Nullable Instant lastWalReceived,
        @Schema(
                        description =
                                "When the last transaction that came was committed, by the source's clock")
                @Nullable Instant lastTransactionTime,
        @Schema(examples = "wal_monitor") @Nullable String replicationSlotName,
        @Schema(description = "Log that was written and not yet confirmed", examples = "0")
                @Nullable Long replicationLagBytes,
        MonitorStatus status,
        @Schema(description = "What is wrong and what mends it, when the status is ERROR")
                @Nullable String errorMessage,
        Instant lastCheckedAt,
        Instant createdAt,
        Instant updatedAt) {

    static MonitorView of(WalMonitor row) {
        return new MonitorView(
                row.id,
                row.sourceId,
                row.walLsn,
                row.walPosition,
                row.lastWalReceived,
                row.lastTransactionTime,
                row.replicationSlotName,
                row.replicationLagBytes,
                row.status,
                row.errorMessage,
                row.lastCheckedAt,
                row.createdAt,
                row.updatedAt);
    }
}
