package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.monitor.budget.BudgetStanding;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** How the budget of a source's slot stands, as the API shows it. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "SlotBudget")
record BudgetView(
        @Schema(description = "none, warn, spill, invalidate or give-up", examples = "none")
                String stage,
        @Schema(description = "When the stage was entered") @Nullable Instant since,
        @Schema(
                        description = "What the slot may keep; absent if nobody says",
                        examples = "10737418240")
                @Nullable Long limitBytes,
        @Schema(description = "How much of it is used, in percent", examples = "3")
                long usedPercent,
        @Schema(description = "What is done at this stage") @Nullable String sentence,
        @Schema(description = "What to do") @Nullable String remedy,
        @Schema(description = "When this instance last gave the slot up")
                @Nullable Instant givenUpAt) {

    static @Nullable BudgetView of(@Nullable BudgetStanding standing) {
        return standing == null
                ? null
                : new BudgetView(
                        standing.stage().word(),
                        standing.since(),
                        standing.limit(),
                        standing.percent(),
                        standing.sentence(),
                        standing.remedy(),
                        standing.givenUpAt());
    }
}
