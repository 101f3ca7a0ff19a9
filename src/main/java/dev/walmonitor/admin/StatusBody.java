package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.monitor.MonitorStatus;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A status and its message, as they are patched. {@link MonitorBody} reads them. */
@JsonNaming(SnakeCaseStrategy.class)
@Schema(
        name = "MonitorStatusUpdate",
        requiredProperties = {"status"})
record StatusBody(
        @Schema(description = "That of the path, if it is given", examples = "1")
                @Nullable String sourceId,
        MonitorStatus status,
        @Schema(examples = "The listener lost its slot.") @Nullable String errorMessage) {}
