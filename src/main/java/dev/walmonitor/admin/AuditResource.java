package dev.walmonitor.admin;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.walmonitor.monitor.AdminAudit;
import dev.walmonitor.monitor.AdminAudit.Entry;
import dev.walmonitor.monitor.AdminAudit.Outcome;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Who changed what. The same on every instance. */
@Path("/api/v1/audit")
@Tag(name = "Audit")
class AuditResource {
    private final AdminAudit audit;

    AuditResource(AdminAudit audit) {
        this.audit = audit;
    }

    /** A change as the API shows it. */
    @JsonNaming(SnakeCaseStrategy.class)
    record DeedView(
            long id,
            Instant at,
            String who,
            String role,
            String remoteAddress,
            String method,
            String path,
            @Nullable String query,
            Map<String, String> named,
            int status,
            Outcome outcome) {
        private static DeedView of(Entry entry) {
            var deed = entry.deed();
            return new DeedView(
                    entry.id(),
                    entry.at(),
                    deed.who(),
                    deed.role(),
                    deed.remoteAddress(),
                    deed.method(),
                    deed.path(),
                    deed.query(),
                    deed.named(),
                    deed.status(),
                    deed.outcome());
        }
    }

    @GET
    @Operation(
            summary = "What was changed by HTTP, the last one first",
            description = "The next page is asked for with the last id as before.")
    public Uni<List<DeedView>> list(
            @Parameter(description = "The last id of the page before", example = "4711") @RestQuery
                    @Nullable String before,
            @Parameter(description = "Whose changes", example = "operator") @RestQuery
                    @Nullable String who,
            @Parameter(description = "How many at most, 1 to 1000", example = "100")
                    @RestQuery
                    @DefaultValue("100")
                    String limit) {
        return audit.list(id(before), who, HistoryQuery.limit(limit))
                .map(entries -> entries.stream().map(DeedView::of).toList());
    }

    private static @Nullable Long id(@Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!text.matches("\\d{1,18}")) {
            throw Problems.badParameter("before", "Expected an id, got \"" + text + "\"");
        }
        return Long.valueOf(text);
    }
}
