package dev.walmonitor.handler.notify;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ActionFactory;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.notify.NotifyRules.NotifyConfig;
import dev.walmonitor.handler.notify.NotifyRules.NotifyRule;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesText;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.sql.QueriesBySource;
import io.quarkus.arc.All;
import io.quarkus.qute.Engine;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the handlers of the action {@code notify}. */
@Singleton
final class NotifyFactory implements ActionFactory {
    private final Map<String, NotifyRule> config;
    private final Supplier<QueriesBySource> queries;
    private final Map<String, Channel> channels = new TreeMap<>();
    private final Engine engine;

    @Inject
    NotifyFactory(
            RulesText rules,
            Instance<QueriesBySource> queries,
            @All List<Channel> channels,
            Engine engine) {
        this(rules, queries::get, channels, engine);
    }

    /**
     * @param queries asked for when it is needed
     */
    NotifyFactory(
            RulesText rules,
            Supplier<QueriesBySource> queries,
            List<Channel> channels,
            Engine engine) {
        this.config = rules.read(NotifyRules.class, NotifyRules::rules);
        this.queries = queries;
        channels.forEach(channel -> this.channels.put(channel.name(), channel));
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
                    NotifySpec spec = read(rule, faults);
                    if (spec == null) {
                        return Uni.createFrom().item(faults);
                    }
                    faults.addAll(spec.needs().faults(rule, tables));
                    return switch (spec.to()) {
                        case Recipients.Named named -> {
                            faults.addAll(columnsWithoutBraces(rule, named, tables));
                            yield Uni.createFrom().item(faults);
                        }
                        case Recipients.Anybody anybody -> Uni.createFrom().item(faults);
                        case Recipients.Asked asked -> asked(rule, asked, faults);
                    };
                });
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

    private Uni<List<Fault>> asked(Rule rule, Recipients.Asked asked, List<Fault> faults) {
        return queries.get()
                .of(rule.source())
                .columns(asked.query())
                .invoke(columns -> faults.addAll(unknown(rule, columns)))
                .replaceWith(faults)
                .onFailure()
                .recoverWithItem(failure -> {
                    faults.add(
                            new Fault(
                                    rule.name(),
                                    "notify.to cannot be used: " + failure.getMessage() + ".",
                                    "Correct the query, or what it needs in the database."));
                    return faults;
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
        NotifySpec spec = read(rule, faults);
        if (spec == null) {
            throw new IllegalArgumentException(faults.getFirst().message());
        }
        return new NotifyHandler(spec, queries.get().of(rule.source()));
    }

    @Override
    public Uni<List<String>> preview(Rule rule, RowChange change) {
        List<Fault> faults = new ArrayList<>();
        NotifySpec spec = read(rule, faults);
        return spec == null
                ? Uni.createFrom().item(faults.stream().map(Fault::message).toList())
                : new NotifyPreview(spec, () -> queries.get().of(rule.source())).of(change);
    }

    private @Nullable NotifySpec read(Rule rule, List<Fault> faults) {
        Optional<NotifyConfig> own =
                Optional.ofNullable(config.get(rule.name())).flatMap(NotifyRule::action);
        return NotifySpec.read(rule, own, channels, engine, faults);
    }
}
