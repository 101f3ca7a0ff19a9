package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.change.Position;
import dev.walmonitor.monitor.budget.BudgetStanding;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How one source stands in this instance at this moment. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "ReplicationStatus")
record ReplicationView(
        @Schema(examples = "main") String source,
        SourceState state,
        @Schema(description = "When the state was entered") @Nullable Instant since,
        @Schema(description = "What is wrong, if something is") @Nullable String sentence,
        @Schema(description = "What mends it; absent where waiting is enough")
                @Nullable String remedy,
        @Schema(
                        description = "The furthest position that the source has sent",
                        examples = "16/B374D848")
                @Nullable String received,
        @Schema(
                        description = "Everything before it is done by every rule",
                        examples = "16/B374D848")
                @Nullable String watermark,
        @Schema(
                        description = "The source may forget everything before it",
                        examples = "16/B374D848")
                @Nullable String confirmed,
        @Schema(
                        description =
                                "Log that was written and not yet confirmed; absent if the source cannot be asked",
                        examples = "0")
                @Nullable Long lagBytes,
        @Schema(description = "Log that the source keeps on disk for us", examples = "16777216")
                @Nullable Long retainedBytes,
        @Schema(
                        description = "Changes that are routed and not done, counted once a rule",
                        examples = "0")
                int inFlight,
        @Schema(
                        description = "How long the oldest transaction that is not done has waited",
                        examples = "0.0")
                double oldestSeconds,
        @Nullable Instant lastReceived,
        @Nullable Instant lastCommit,
        @Schema(
                        description = "How often the stream was begun again since the start",
                        examples = "0")
                long reconnects,
        @Schema(description = "What an operator should know although the stream runs")
                List<String> remarks,
        @Schema(description = "The transaction that cannot be read; only of a POISONED source")
                @Nullable BlockedView blocked,
        @Schema(description = "The budget of its slot; absent if it has no slot")
                @Nullable BudgetView budget) {

    static ReplicationView of(
            PipelineStatus status,
            @Nullable LogGauges gauges,
            @Nullable Blocked blocked,
            @Nullable BudgetStanding budget) {
        SourceStatus source = status.source();
        SourceFailure failure = source.failure();
        return new ReplicationView(
                source.source(),
                source.state(),
                source.since(),
                failure == null ? null : failure.sentence(),
                failure == null ? null : failure.remedy(),
                text(source.received()),
                text(status.watermark()),
                text(source.confirmed()),
                gauges == null ? null : gauges.lagBytes(),
                gauges == null ? null : gauges.retainedBytes(),
                status.inFlight(),
                status.oldest().toMillis() / 1000.0,
                source.lastReceived(),
                source.lastCommit(),
                source.reconnects(),
                source.remarks(),
                blocked == null ? null : BlockedView.of(blocked),
                BudgetView.of(budget));
    }

    static ReplicationView notStarted(String source) {
        String why =
                "The source is not started yet: the databases have not answered, or the rules are being checked.";
        return new ReplicationView(
                source,
                SourceState.CONNECTING,
                null,
                why,
                null,
                null,
                null,
                null,
                null,
                null,
                0,
                0,
                null,
                null,
                0,
                List.of(),
                null,
                null);
    }

    private static @Nullable String text(@Nullable Position position) {
        return position == null ? null : position.text();
    }
}
