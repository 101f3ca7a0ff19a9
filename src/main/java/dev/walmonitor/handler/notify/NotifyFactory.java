package dev.walmonitor.handler.notify;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ActionFactory;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.notify.NotifyRules.NotifyConfig;
import dev.walmonitor.handler.notify.NotifyRules.NotifyRule;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesText;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.sql.QueriesBySource;
import dev.walmonitor.sink.sql.Query;
import io.quarkus.arc.All;
import io.quarkus.qute.Engine;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the handlers of the action {@code notify}. */
@Singleton
final class NotifyFactory implements ActionFactory {
    private final Map<String, NotifyRule> config;
    private final Supplier<QueriesBySource> queries;
    private final Map<String, Channel> channels = new TreeMap<>();
    private final Supplier<Desk> desk;
    private final Engine engine;

    @Inject
    NotifyFactory(
            RulesText rules,
            Instance<QueriesBySource> queries,
            @All List<Channel> channels,
            Instance<Desk> desk,
            Engine engine) {
        this(rules, queries::get, channels, desk::get, engine);
    }

    /**
     * @param queries asked for when it is needed
     * @param desk asked for when a rule begins
     */
    NotifyFactory(
            RulesText rules,
            Supplier<QueriesBySource> queries,
            List<Channel> channels,
            Supplier<Desk> desk,
            Engine engine) {
        this.config = rules.read(NotifyRules.class, NotifyRules::rules);
        this.queries = queries;
        channels.forEach(channel -> this.channels.put(channel.name(), channel));
        this.desk = desk;
        this.engine = engine;
    }

    @Override
    public String action() {
        return "notify";
    }

    @Override
    public Class<?> settings() {
        return NotifyRules.class;
    }

    @Override
    public Uni<List<Fault>> check(Rule rule, List<Relation> tables) {
        return Uni.createFrom()
                .deferred(() -> {
                    List<Fault> faults = new ArrayList<>();
                    NotifySpec spec = read(rule, channels, faults);
                    if (spec == null) {
                        return Uni.createFrom().item(faults);
                    }
                    faults.addAll(spec.needs().faults(rule, tables));
                    faults.addAll(reverted(rule, spec, tables));
                    if (spec.to() instanceof Recipients.Named named) {
                        faults.addAll(columnsWithoutBraces(rule, named, tables));
                    }
                    return asked(rule, spec, faults)
                            .chain(() -> enriched(rule, spec, faults))
                            .chain(() -> refused(rule, spec, faults))
                            .replaceWith(faults);
                });
    }

    /** Whether a row was set back can only be known of what an UPDATE sends. */
    private static List<Fault> reverted(Rule rule, NotifySpec spec, List<Relation> tables) {
        List<Fault> faults = new ArrayList<>();
        if (spec.storm().reverted().isPresent()) {
            Needs needs = new Needs(Set.of(), spec.storm().reverted().get().columns());
            faults.addAll(needs.faults(rule.name(), EnumSet.of(Operation.UPDATE), tables));
            for (Relation table : tables) {
                if (table.key().isEmpty()) {
                    faults.add(
                            new Fault(
                                    rule.name(),
                                    "it holds updates of rows, and those of table "
                                            + table.table()
                                            + " cannot be told apart;",
                                    "give it a primary key, or take notify.suppress-if-reverted-within"
                                            + " out."));
                }
            }
        }
        return faults;
    }

    private static Uni<Void> refused(Rule rule, NotifySpec spec, List<Fault> faults) {
        return Multi.createFrom()
                .iterable(spec.channels())
                .onItem()
                .transformToUniAndConcatenate(Channel::refusal)
                .invoke(refusal ->
                        refusal.ifPresent(why ->
                                faults.add(
                                        new Fault(rule.name(), "it cannot use a channel:", why))))
                .onItem()
                .ignoreAsUni();
    }

    private static List<Fault> columnsWithoutBraces(
            Rule rule, Recipients.Named named, List<Relation> tables) {
        List<Fault> faults = new ArrayList<>();
        for (Template name : named.names()) {
            name.constant()
                    .filter(text -> tables.stream().anyMatch(t -> t.indexOf(text) >= 0))
                    .ifPresent(text ->
                            faults.add(
                                    new Fault(
                                            rule.name(),
                                            "notify.to says \"" + text + "\", which is a column;",
                                            "write {" + text + "} for whom it names.")));
        }
        return faults;
    }

    private Uni<Void> asked(Rule rule, NotifySpec spec, List<Fault> faults) {
        return spec.to() instanceof Recipients.Asked asked
                ? columns(rule, "notify.to", asked.query(), faults)
                        .invoke(columns -> faults.addAll(unknown(rule, columns)))
                        .replaceWithVoid()
                : Uni.createFrom().voidItem();
    }

    private Uni<Void> enriched(Rule rule, NotifySpec spec, List<Fault> faults) {
        if (spec.enrich().isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return columns(rule, "notify.enrich", spec.enrich().get().query(), faults)
                .invoke(columns -> {
                    for (String name : spec.message().enriched()) {
                        if (!columns.isEmpty() && !columns.contains(name)) {
                            faults.add(
                                    new Fault(
                                            rule.name(),
                                            "the query of notify.enrich gives no column \""
                                                    + name
                                                    + "\";",
                                            Nearest.hint(name, columns)));
                        }
                    }
                })
                .replaceWithVoid();
    }

    /** What a query gives; nothing if it cannot be used, which is a fault. */
    private Uni<List<String>> columns(Rule rule, String key, Query query, List<Fault> faults) {
        return queries.get()
                .of(rule.source())
                .columns(query)
                .onFailure()
                .recoverWithItem(failure -> {
                    faults.add(
                            new Fault(
                                    rule.name(),
                                    key + " cannot be used: " + failure.getMessage() + ".",
                                    "Correct the query, or what it needs in the database."));
                    return List.of();
                });
    }

    private static List<Fault> unknown(Rule rule, List<String> columns) {
        List<Fault> faults = new ArrayList<>();
        for (String column : columns) {
            if (!Recipients.COLUMNS.contains(column)) {
                faults.add(
                        new Fault(
                                rule.name(),
                                "the query of notify.to gives a column \"" + column + "\";",
                                Nearest.hint(column, Recipients.COLUMNS)));
            }
        }
        return faults;
    }

    @Override
    public ChangeHandler create(Rule rule) {
        List<Fault> faults = new ArrayList<>();
        Desk shared = desk.get();
        NotifySpec spec = read(rule, shared.channels(), faults);
        if (spec == null) {
            throw new IllegalArgumentException(faults.getFirst().message());
        }
        shared.courier()
                .add(rule.source(), rule.name(), new Courier.Manner(spec.storm(), spec.digest()));
        return new NotifyHandler(rule, spec, queries.get().of(rule.source()), shared);
    }

    @Override
    public Uni<List<String>> preview(Rule rule, RowChange change) {
        List<Fault> faults = new ArrayList<>();
        NotifySpec spec = read(rule, channels, faults);
        return spec == null
                ? Uni.createFrom().item(faults.stream().map(Fault::message).toList())
                : new NotifyPreview(spec, () -> queries.get().of(rule.source())).of(change);
    }

    private @Nullable NotifySpec read(Rule rule, Map<String, Channel> ways, List<Fault> faults) {
        Optional<NotifyConfig> own =
                Optional.ofNullable(config.get(rule.name())).flatMap(NotifyRule::action);
        return NotifySpec.read(rule, own, ways, engine, faults);
    }
}
