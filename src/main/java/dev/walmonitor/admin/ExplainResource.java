package dev.walmonitor.admin;

import dev.walmonitor.admin.ExplainView.ChangeView;
import dev.walmonitor.admin.ExplainView.EffectView;
import dev.walmonitor.admin.ExplainView.RuleView;
import dev.walmonitor.admin.ExplainView.Verdict;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeArchive;
import dev.walmonitor.handler.ChangeArchive.Archived;
import dev.walmonitor.handler.ChangeArchive.Wanted;
import dev.walmonitor.handler.Horizon;
import dev.walmonitor.handler.Horizon.Place;
import dev.walmonitor.handler.Results;
import dev.walmonitor.handler.Results.Effect;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.rule.Rule;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/**
 * Why rules did or did not do something about a row, as far as a rule archived its changes. Rules
 * are judged as they are now.
 */
@Path("/api/v1/explain")
@Tag(name = "Changes")
class ExplainResource {
    private static final String UNDECIDED =
            "its condition hangs on a value that was not sent; the service read the row, or handled"
                    + " the change where the row was gone.";

    private final ChangeArchive archive;
    private final RuleBook rules;
    private final Horizon horizon;
    private final Results results;
    private final MonitorDatabase database;
    private final SourceRepository sources;

    ExplainResource(
            ChangeArchive archive,
            RuleBook rules,
            Horizon horizon,
            Results results,
            MonitorDatabase database,
            SourceRepository sources) {
        this.archive = archive;
        this.rules = rules;
        this.horizon = horizon;
        this.results = results;
        this.database = database;
        this.sources = sources;
    }

    @GET
    @Operation(
            summary = "Why rules did or did not do something about a row",
            description =
                    "The row's changes that were archived, and what each rule about its table makes of"
                            + " them: by the rules as they are now, whatever they were then.")
    @APIResponse(
            responseCode = "200",
            content = @Content(schema = @Schema(implementation = ExplainView.class)))
    @APIResponse(
            responseCode = "400",
            description = "A parameter is missing or cannot be read",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "404",
            description = "There is no such source, or no rule archives the table",
            content = @Content(mediaType = "application/problem+json"))
    @APIResponse(
            responseCode = "503",
            description = "The monitor database does not answer",
            content = @Content(mediaType = "application/problem+json"))
    public Uni<ExplainView> explain(
            @Parameter(description = "The source's id or name", example = "main")
                    @RestQuery
                    @DefaultValue("main")
                    String source,
            @Parameter(
                            description = "The table; without a schema it is one of public",
                            example = "public.listings",
                            required = true)
                    @RestQuery
                    @Nullable String table,
            @Parameter(
                            description = "The row's key, as in the history of changes",
                            example = "42",
                            required = true)
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
            @Parameter(description = "How many changes at most, 1 to 1000", example = "20")
                    @RestQuery
                    @DefaultValue("20")
                    String limit,
            @Parameter(
                            description = "The \"next\" of the page before, or a change's id",
                            example = "1763740800:16/B374D848:0")
                    @RestQuery
                    @Nullable String after) {
        int most = HistoryQuery.limit(limit);
        required("table", table);
        required("key", key);
        Wanted any = HistoryQuery.wanted(source, table, key, from, to, null, null, after);
        return database.ask(() -> sources.get(source))
                .map(found -> found.orElseThrow(() -> Problems.unknownSource(source)).name)
                .chain(name -> explain(any.of(name), most));
    }

    private static void required(String name, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw Problems.badParameter(
                    name,
                    "Expected the parameters table and key, such as table=public.listings&key=42");
        }
    }

    private Uni<ExplainView> explain(Wanted wanted, int most) {
        return archive.read(wanted, most)
                .chain(found ->
                        Uni.combine()
                                .all()
                                .unis(
                                        horizon.of(wanted.source()),
                                        results.of(
                                                wanted.source(),
                                                found.stream().map(Archived::change).toList()))
                                .with((place, effects) ->
                                        view(wanted, found, place, effects, most)));
    }

    private ExplainView view(
            Wanted wanted,
            List<Archived> found,
            Optional<Place> place,
            Map<ChangeArchive.Place, List<Effect>> effects,
            int most) {
        var table = Objects.requireNonNull(wanted.table());
        List<Rule> all = rules.rules(wanted.source());
        List<Rule> about = all.stream().filter(rule -> rule.filter().matches(table)).toList();
        if (found.isEmpty() && !rules.archives(wanted.source(), table)) {
            throw Problems.notArchived(wanted.source(), table.toString());
        }
        return new ExplainView(
                wanted.source(),
                table.toString(),
                Objects.requireNonNull(wanted.key()),
                found.stream()
                        .map(one ->
                                view(
                                        one.change(),
                                        about,
                                        place,
                                        effects.getOrDefault(one.place(), List.of())))
                        .toList(),
                all.size() - about.size(),
                found.size() < most ? null : HistoryQuery.place(found.getLast().change()));
    }

    private ChangeView view(
            RowChange change, List<Rule> about, Optional<Place> place, List<Effect> effects) {
        Transaction transaction = change.transaction();
        return new ChangeView(
                HistoryQuery.place(change),
                change.operation(),
                transaction.commit().text(),
                Integer.toUnsignedLong(transaction.xid()),
                transaction.time(),
                settled(transaction, place),
                about.stream().map(rule -> view(rule, change, of(rule, effects))).toList());
    }

    private static List<EffectView> of(Rule rule, List<Effect> effects) {
        return effects.stream()
                .filter(effect -> effect.rule().equals(rule.name()))
                .map(EffectView::of)
                .toList();
    }

    /** Of an earlier epoch a part may have been lost. */
    private static @Nullable Boolean settled(Transaction transaction, Optional<Place> place) {
        return place.filter(at -> at.epoch() == transaction.epoch())
                .map(at -> at.position().isAfter(transaction.commit()))
                .orElse(null);
    }

    private RuleView view(Rule rule, RowChange change, List<EffectView> effects) {
        List<String> refusals = rules.refusals(rule, change);
        if (!refusals.isEmpty()) {
            return new RuleView(
                    rule.name(),
                    rule.action(),
                    Verdict.REFUSED,
                    refusals,
                    rules.untrue(rule, change),
                    effects);
        }
        boolean sure = rules.match(rule, change).equals("matches.");
        return new RuleView(
                rule.name(),
                rule.action(),
                sure ? Verdict.MATCHES : Verdict.UNDECIDED,
                sure ? List.of() : List.of(UNDECIDED),
                List.of(),
                effects);
    }
}
