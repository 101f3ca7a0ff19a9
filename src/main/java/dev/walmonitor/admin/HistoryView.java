package dev.walmonitor.admin;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.walmonitor.handler.ChangeArchive.Archived;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Some changes of the archive.
 *
 * @param changes in the order in which they were committed
 */
@Schema(name = "History")
record HistoryView(
        @Schema(examples = "main") String source,
        @Schema(
                        description =
                                "The envelopes of the changes, each as it was sent to everybody else then")
                List<Envelope> changes,
        @Schema(
                        description = "The parameter after of the next request; absent at the end",
                        examples = "1763740800:16/B374D848:0")
                @Nullable String next) {

    /** JSON that is one already. */
    @Schema(name = "ChangeEnvelope", implementation = Object.class)
    record Envelope(@JsonValue @JsonRawValue String json) {}

    static HistoryView of(String source, List<Archived> found, int limit) {
        return new HistoryView(
                source,
                found.stream().map(one -> new Envelope(one.envelope())).toList(),
                found.size() < limit ? null : HistoryQuery.place(found.getLast().change()));
    }
}
