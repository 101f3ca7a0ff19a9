package dev.walmonitor.admin;

import dev.walmonitor.change.TableName;
import dev.walmonitor.handler.ChangeArchive;
import dev.walmonitor.handler.ChangeArchive.Wanted;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.SourceRepository;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** What happened, as far as a rule archived it. The same on every instance. */
@Path("/api/v1/changes/history")
@Tag(name = "Changes")
class HistoryResource {
    private final ChangeArchive archive;
    private final RuleBook rules;
    private final MonitorDatabase database;
    private final SourceRepository sources;

    HistoryResource(
            ChangeArchive archive,
            RuleBook rules,
            MonitorDatabase database,
            SourceRepository sources) {
        this.archive = archive;
        this.rules = rules;
        this.database = database;
        this.sources = sources;
    }

    @GET
    @Operation(
            summary = "Changes that were archived, in the order of their commits",
            description =
                    "What is not given does not matter. The answer holds a page; its \"next\" is the"
                            + " parameter after of the next one.")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = HistoryView.class)))
    @APIResponse(
            responseCode = "400",
            description = "A parameter cannot be read",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source, or no rule archives the table",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "503",
            description = "The monitor database does not answer",
            content = @Content(mediaType = "application/problem+json"))
    public Uni<HistoryView> history(
            @Parameter(description = "The source's id or name", example = "main")
                    @RestQuery
                    @DefaultValue("main")
                    String source,
            @Parameter(
                            description = "One table; without a schema it is one of public",
                            example = "public.orders")
                    @RestQuery
                    @Nullable String table,
            @Parameter(
                            description =
                                    "A row of the table: the values of its primary key with \":\" between"
                                            + " them, each written as in the keys of caches",
                            example = "42")
                    @RestQuery
                    @Nullable String key,
            @Parameter(description = "The first time of commit", example = "2026-11-21T18:00:00Z")
                    @RestQuery
                    @Nullable String from,
            @Parameter(
                            description = "The first time of commit that is too late",
                            example = "2026-11-22T18:00:00Z")
                    @RestQuery
                    @Nullable String to,
            @Parameter(description = "The first commit's position", example = "16/B374D848")
                    @RestQuery("lsn-from")
                    @Nullable String lsnFrom,
            @Parameter(
                            description = "The first position of a commit that is too late",
                            example = "16/B474D848")
                    @RestQuery("lsn-to")
                    @Nullable String lsnTo,
            @Parameter(description = "How many at most, 1 to 1000", example = "100")
                    @RestQuery
                    @DefaultValue("100")
                    String limit,
            @Parameter(
                            description = "The \"next\" of the page before, or a change's id",
                            example = "1763740800:16/B374D848:0")
                    @RestQuery
                    @Nullable String after) {
        int most = HistoryQuery.limit(limit);
        Wanted any = HistoryQuery.wanted(source, table, key, from, to, lsnFrom, lsnTo, after);
        return database.ask(() -> sources.get(source))
                .map(found -> found.orElseThrow(() -> Problems.unknownSource(source)).name)
                .chain(name -> read(any.of(name), most));
    }

    private Uni<HistoryView> read(Wanted wanted, int most) {
        return archive.read(wanted, most)
                .map(found -> {
                    TableName table = wanted.table();
                    if (found.isEmpty()
                            && table != null
                            && !rules.archives(wanted.source(), table)) {
                        throw Problems.notArchived(wanted.source(), table.toString());
                    }
                    return HistoryView.of(wanted.source(), found, most);
                });
    }
}
