package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.change.Operation;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What became of a page of archived changes.
 *
 * @param effects of a dry run, in the order of the changes
 */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "Replayed")
record ReplayView(
        @Schema(examples = "main") String source,
        boolean dryRun,
        @Schema(description = "How many changes were found", examples = "500") int changes,
        List<RuleView> rules,
        @Schema(description = "What would be done; null unless it is a dry run")
                @Nullable List<EffectView> effects,
        @Schema(
                        description = "When the last of them was committed; null if there is none",
                        examples = "2026-11-21T18:20:00Z")
                @Nullable Instant upTo,
        @Schema(
                        description = "\"after\" of the next request; null at the end",
                        examples = "1763740800:16/B374D848:0")
                @Nullable String next) {

    /** What of it was a rule's business. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "ReplayedRule")
    record RuleView(
            @Schema(examples = "search") String rule,
            @Schema(examples = "webhook") String action,
            @Schema(description = "Changes that wait for the rule now", examples = "480")
                    int replayed,
            @Schema(
                            description = "Changes of its tables that are not its business",
                            examples = "20")
                    int refused) {}

    /** What a rule would do about a change. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "ReplayEffect")
    record EffectView(
            @Schema(examples = "1763740800:16/B374D848:0") String place,
            Operation operation,
            @Schema(examples = "public.orders") String table,
            @Schema(examples = "search") String rule,
            @Schema(examples = "would post to https://search.example/hook") List<String> effects) {}
}
