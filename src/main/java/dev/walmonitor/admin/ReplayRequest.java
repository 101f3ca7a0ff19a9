package dev.walmonitor.admin;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.handler.ChangeArchive.Wanted;
import java.util.Map;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Which changes are to be done once more, and by whom. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "Replay")
record ReplayRequest(
        @Schema(
                        description =
                                "The first position or time of a commit; without \"after\" it is needed",
                        examples = {"16/B374D848", "2026-11-21T18:00:00Z"})
                @Nullable String from,
        @Schema(
                        description =
                                "The first position or time that is too late; default: none is",
                        examples = "2026-11-21T19:00:00Z")
                @Nullable String to,
        @Schema(description = "One table", examples = "public.orders") @Nullable String table,
        @Schema(description = "A row of the table, as in the history of changes", examples = "42")
                @Nullable String key,
        @Schema(description = "One rule; default: all but those that archive", examples = "search")
                @Nullable String rule,
        @Schema(
                        description = "The \"next\" of the page before",
                        examples = "1763740800:16/B374D848:0")
                @Nullable String after,
        @Schema(description = "How many changes at most, 1 to 1000; default 500", examples = "500")
                @Nullable Integer limit,
        @Schema(description = "Only tell what would be done") @Nullable Boolean dryRun,
        @JsonAnySetter @Schema(hidden = true) Map<String, Object> others) {
    private static final Pattern LSN = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");
    private static final int USUAL = 500;

    /** Nothing is wanted. */
    static final ReplayRequest NONE =
            new ReplayRequest(null, null, null, null, null, null, null, null, Map.of());

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if something in it cannot be read
     */
    Wanted wanted(String source) {
        if (!others().isEmpty()) {
            throw Problems.badParameter(
                    others().keySet().iterator().next(),
                    "Expected the members from, to, table, key, rule, after, limit and dry_run");
        }
        if (from == null && after == null) {
            throw Problems.badParameter(
                    "from",
                    "Expected the first position or time of a commit, such as 16/B374D848 or"
                            + " 2026-11-21T18:00:00Z");
        }
        boolean fromPlace = isPlace(from);
        boolean toPlace = isPlace(to);
        return HistoryQuery.wanted(
                source,
                table,
                key,
                fromPlace ? null : from,
                toPlace ? null : to,
                fromPlace ? from : null,
                toPlace ? to : null,
                after);
    }

    private static boolean isPlace(@Nullable String text) {
        return text != null && LSN.matcher(text).matches();
    }

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if it is out of bounds
     */
    int most() {
        return limit == null ? USUAL : HistoryQuery.limit(limit.toString());
    }

    boolean isDry() {
        return Boolean.TRUE.equals(dryRun);
    }
}
