package dev.walmonitor.admin;

import dev.walmonitor.source.Blocked;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A transaction that cannot be read, as the API shows it. */
@Schema(name = "Blocked")
record BlockedView(
        @Schema(description = "Its number; absent if it could not be read", examples = "7781")
                @Nullable Long xid,
        @Schema(description = "The position of its commit", examples = "16/B374D848")
                @Nullable String lsn,
        @Schema(description = "It lies behind this position", examples = "16/B374D000")
                String behind) {

    static BlockedView of(Blocked blocked) {
        return new BlockedView(
                blocked.xid(),
                blocked.commit() == null ? null : blocked.commit().text(),
                blocked.behind().text());
    }
}
