package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.change.Operation;
import dev.walmonitor.handler.Results;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What rules make of the changes of a row.
 *
 * @param changes in the order in which they were committed
 */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "Explanation")
record ExplainView(
        @Schema(examples = "main") String source,
        @Schema(examples = "public.listings") String table,
        @Schema(examples = "42") String key,
        List<ChangeView> changes,
        @Schema(description = "Rules of the source that are not about the table", examples = "3")
                int otherRules,
        @Schema(
                        description = "The parameter after of the next request; absent at the end",
                        examples = "1763740800:16/B374D848:0")
                @Nullable String next) {

    /** How a rule stands to a change. */
    enum Verdict {
        /** It is the rule's business. */
        MATCHES,
        /** It is not. */
        REFUSED,
        /** The condition hangs on a value that was not sent: the service read the row. */
        UNDECIDED
    }

    /** One change. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "ExplainedChange")
    record ChangeView(
            @Schema(
                            description = "The end of the change's id",
                            examples = "1763740800:16/B374D848:0")
                    String place,
            Operation operation,
            @Schema(examples = "16/B374D848") String lsn,
            long xid,
            Instant committedAt,
            @Schema(
                            description =
                                    "Whether every rule has done its work for it, and nothing of it is"
                                            + " parked; null where that is not known")
                    @Nullable Boolean settled,
            List<RuleView> rules) {}

    /** A rule that is about the table. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "ExplainedRule")
    record RuleView(
            @Schema(examples = "price-drop") String rule,
            @Schema(examples = "notify") String action,
            Verdict verdict,
            @Schema(description = "Why it is refused or undecided") List<String> reasons,
            @Schema(
                            description = "The parts of the rule's condition that are not true",
                            examples = "after.price < before.price")
                    List<String> untrue,
            @Schema(description = "What it did about the change, each time; may be lacking")
                    List<EffectView> effects) {}

    /** What a rule did. */
    @JsonNaming(SnakeCaseStrategy.class)
    @Schema(name = "Effect")
    record EffectView(
            @Schema(examples = "notified") String action,
            @Schema(examples = "{\"to\": \"#sales\"}") Map<String, String> fields,
            Instant at,
            @Schema(description = "From the commit to then, in milliseconds", examples = "3.204")
                    double sinceCommitMs,
            @Schema(description = "Whether an operator wanted it once more") boolean replayed) {
        static EffectView of(Results.Effect effect) {
            return new EffectView(
                    effect.result().action(),
                    effect.result().fields(),
                    effect.at(),
                    Math.round(effect.sinceCommit().toNanos() / 1e3) / 1e3,
                    effect.replayed());
        }
    }
}
