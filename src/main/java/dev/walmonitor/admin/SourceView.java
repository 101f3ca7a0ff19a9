package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.monitor.Source;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A source as the API shows it. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(name = "Source")
record SourceView(
        @Schema(examples = "1") int id,
        @Schema(examples = "main") String name,
        @Schema(examples = "postgresql") String kind,
        @Schema(examples = "wal_monitor") @Nullable String slot,
        @Schema(
                        description = "Everything before it is done by every rule",
                        examples = "16/B374D848")
                @Nullable String watermark,
        @Nullable Instant watermarkAt,
        @Schema(
                        description =
                                "Whether this instance has it in its configuration; the others are watched by"
                                        + " other listeners")
                boolean configured,
        Instant createdAt) {

    static SourceView of(Source source, boolean configured) {
        return new SourceView(
                source.id,
                source.name,
                source.kind,
                source.slot,
                source.watermark,
                source.watermarkAt,
                configured,
                source.createdAt);
    }
}
