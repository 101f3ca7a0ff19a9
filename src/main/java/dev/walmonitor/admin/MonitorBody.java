package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.monitor.MonitorStatus;
import dev.walmonitor.monitor.MonitorUpdate;
import dev.walmonitor.monitor.MonitorUpdate.Field;
import dev.walmonitor.monitor.Source;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What a listener says of its source, as it writes it. Absent fields stay, null clears. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "MonitorUpdate")
record MonitorBody(
        @Schema(
                        description =
                                "The source's id or name. In a batch it says which; otherwise it may be absent, and has"
                                        + " to be that of the path",
                        examples = "1")
                @Nullable String sourceId,
        @Schema(description = "How far the source has come", examples = "16/B374D848")
                @Nullable String walLsn,
        @Schema(
                        description =
                                "The same as a number of bytes; worked out of wal_lsn where only that is given",
                        examples = "97500059720")
                @Nullable Long walPosition,
        @Nullable Instant lastWalReceived,
        @Nullable Instant lastTransactionTime,
        @Schema(examples = "orders_slot") @Nullable String replicationSlotName,
        @Schema(examples = "0") @Nullable Long replicationLagBytes,
        @Nullable MonitorStatus status,
        @Nullable String errorMessage) {
    static final Set<String> FIELDS =
            Set.of(
                    "source_id",
                    "wal_lsn",
                    "wal_position",
                    "last_wal_received",
                    "last_transaction_time",
                    "replication_slot_name",
                    "replication_lag_bytes",
                    "status",
                    "error_message");
    static final Set<String> STATUS_FIELDS = Set.of("source_id", "status", "error_message");

    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_MESSAGE = 10_000;

    static MonitorUpdate update(JsonFields body) {
        Field<String> lsn = field(body, "wal_lsn", name -> lsn(body, name));
        return new MonitorUpdate(
                lsn,
                position(body, lsn.value()),
                field(body, "last_wal_received", body::time),
                field(body, "last_transaction_time", body::time),
                field(body, "replication_slot_name", name -> body.text(name, LONGEST_NAME)),
                field(body, "replication_lag_bytes", body::number),
                field(body, "status", name -> status(body)),
                field(body, "error_message", name -> error(body)));
    }

    private static <T> Field<T> field(
            JsonFields body, String name, Function<String, @Nullable T> value) {
        return body.has(name) ? Field.of(value.apply(name)) : Field.absent();
    }

    /** As the database prints it, however it was written. */
    private static @Nullable String lsn(JsonFields body, String name) {
        String text = body.text(name, LONGEST_NAME);
        try {
            return text == null ? null : Lsn.parse(text).text();
        } catch (IllegalArgumentException e) {
            throw body.fault(
                    name, "an LSN such as 16/B374D848, two hexadecimal numbers of up to 8 digits");
        }
    }

    private static Field<Long> position(JsonFields body, @Nullable String lsn) {
        return lsn == null || body.has("wal_position")
                ? field(body, "wal_position", body::number)
                : Field.of(Lsn.parse(lsn).number());
    }

    /** Never null: a row always has one. */
    static MonitorStatus status(JsonFields body) {
        String text = body.text("status", LONGEST_NAME);
        for (MonitorStatus status : MonitorStatus.values()) {
            if (status.name().equals(text)) {
                return status;
            }
        }
        throw body.fault("status", "ACTIVE, IDLE or ERROR");
    }

    static @Nullable String error(JsonFields body) {
        return body.text("error_message", LONGEST_MESSAGE);
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if the body names another source
     */
    static void demandSame(JsonFields body, Source source) {
        String named = body.nameOrId("source_id");
        if (body.has("source_id")
                && !source.name.equals(named)
                && !String.valueOf(source.id).equals(named)) {
            throw body.fault(
                    "source_id",
                    String.format(
                            Locale.ROOT, "%d or \"%s\" as in the path", source.id, source.name));
        }
    }
}
