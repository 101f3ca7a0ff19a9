package dev.walmonitor.handler.sql;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.TableName;
import dev.walmonitor.handler.ActionFactory;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.sql.SqlRules.SqlRule;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesText;
import dev.walmonitor.rule.Side;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.sql.Datasources;
import dev.walmonitor.sink.sql.QueriesBySource;
import dev.walmonitor.sink.sql.Statements;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the handlers of the action {@code sql}. */
@Singleton
final class SqlFactory implements ActionFactory {

    /** Changes of its tables never come: they are dropped when they are decoded. */
    private static final String OURS = "wal_monitor";

    private final Map<String, SqlRule> config;
    private final Supplier<Datasources> datasources;
    private final Supplier<QueriesBySource> queries;
    private final Ledgers ledgers;
    private final MeterRegistry registry;

    @Inject
    SqlFactory(
            RulesText rules,
            Instance<Datasources> datasources,
            Instance<QueriesBySource> queries,
            Ledgers ledgers,
            MeterRegistry registry) {
        this(rules, datasources::get, queries::get, ledgers, registry);
    }

    /**
     * @param datasources asked for when they are needed
     * @param queries likewise
     */
    SqlFactory(
            RulesText rules,
            Supplier<Datasources> datasources,
            Supplier<QueriesBySource> queries,
            Ledgers ledgers,
            MeterRegistry registry) {
        this.config = rules.read(SqlRules.class, SqlRules::rules);
        this.datasources = datasources;
        this.queries = queries;
        this.ledgers = ledgers;
        this.registry = registry;
    }

    @Override
    public String action() {
        return "sql";
    }

    @Override
    public Class<?> settings() {
        return SqlRules.class;
    }

    @Override
    public Uni<List<Fault>> check(Rule rule, List<Relation> tables) {
        return Uni.createFrom()
                .deferred(() -> {
                    List<Fault> faults = new ArrayList<>();
                    SqlSpec spec = read(rule, faults);
                    if (spec == null) {
                        return Uni.createFrom().item(faults);
                    }
                    faults.addAll(spec.needs().faults(rule, tables));
                    Statements statements = find(rule, spec, faults);
                    return statements == null
                            ? Uni.createFrom().item(faults)
                            : check(rule, spec, statements, faults);
                });
    }

    private @Nullable Statements find(Rule rule, SqlSpec spec, List<Fault> faults) {
        try {
            return datasources.get().of(spec.datasource());
        } catch (IllegalArgumentException e) {
            faults.add(
                    new Fault(
                            rule.name(),
                            "sql.datasource cannot be used:",
                            String.valueOf(e.getMessage())));
            return null;
        }
    }

    private Uni<List<Fault>> check(
            Rule rule, SqlSpec spec, Statements statements, List<Fault> faults) {
        return statements
                .targets(spec.query())
                .chain(targets -> loops(rule, statements, targets))
                .invoke(faults::addAll)
                .onFailure()
                .recoverWithItem(failure -> {
                    faults.add(
                            new Fault(
                                    rule.name(),
                                    "sql.statement cannot be used: " + failure.getMessage() + ".",
                                    "Correct the statement, or what it needs in the database."));
                    return faults;
                })
                .chain(() -> ledger(rule, statements, faults));
    }

    /** A rule that wakes itself by what it writes would never come to rest. */
    private Uni<List<Fault>> loops(Rule rule, Statements statements, Set<TableName> targets) {
        List<TableName> watched =
                targets.stream()
                        .filter(table -> watches(rule, table))
                        .sorted((a, b) -> a.toString().compareTo(b.toString()))
                        .toList();
        TableName ledger = statements.ledger();
        boolean watchesLedger = watches(rule, ledger);
        if (watched.isEmpty() && !watchesLedger) {
            return Uni.createFrom().item(List.of());
        }
        return isTheSource(rule, statements)
                .map(same -> {
                    List<Fault> faults = new ArrayList<>();
                    if (same && !watched.isEmpty()) {
                        faults.add(writes(rule, watched.getFirst()));
                    }
                    if (same && watchesLedger) {
                        faults.add(watchesLedger(rule, ledger));
                    }
                    return faults;
                });
    }

    private static boolean watches(Rule rule, TableName table) {
        return rule.filter().matches(table) && !table.schema().equals(OURS);
    }

    private static Fault writes(Rule rule, TableName table) {
        return new Fault(
                rule.name(),
                "sql.statement writes to " + table + ", whose changes wake the rule again;",
                "write to another table, or take it out of the rule's tables.");
    }

    private static Fault watchesLedger(Rule rule, TableName ledger) {
        return new Fault(
                rule.name(),
                "it watches " + ledger + ", to which every change it handles adds a row;",
                "leave ledger-schema as it is, or take the table out of the rule's tables.");
    }

    private Uni<Boolean> isTheSource(Rule rule, Statements statements) {
        return queries.get()
                .primary(rule.source())
                .rows(Statements.IDENTITY, List.of())
                .chain(rows ->
                        statements
                                .identity()
                                .map(there ->
                                        Objects.equals(
                                                there, rows.getFirst().getString("identity"))));
    }

    private static Uni<List<Fault>> ledger(Rule rule, Statements statements, List<Fault> faults) {
        return statements
                .ledgerFault()
                .onFailure()
                .recoverWithItem(failure -> Optional.of(String.valueOf(failure.getMessage()) + "."))
                .map(fault -> {
                    fault.ifPresent(why ->
                            faults.add(
                                    new Fault(
                                            rule.name(),
                                            "what was applied cannot be remembered:",
                                            why)));
                    return faults;
                });
    }

    @Override
    public ChangeHandler create(Rule rule) {
        List<Fault> faults = new ArrayList<>();
        SqlSpec spec = read(rule, faults);
        if (spec == null) {
            throw new IllegalArgumentException(faults.getFirst().message());
        }
        Statements statements = datasources.get().of(spec.datasource());
        ledgers.used(rule.source(), spec.datasource(), statements);
        return new SqlHandler(rule, spec, statements, new SqlMeters(registry, rule));
    }

    @Override
    public Uni<List<String>> preview(Rule rule, RowChange change) {
        return Uni.createFrom()
                .item(() -> {
                    List<Fault> faults = new ArrayList<>();
                    SqlSpec spec = read(rule, faults);
                    return spec == null
                            ? faults.stream().map(Fault::message).toList()
                            : List.of(sentence(spec, change));
                });
    }

    private static String sentence(SqlSpec spec, RowChange change) {
        if (SqlHandler.lacksRow(spec, change)) {
            return "would do nothing: a TRUNCATE has no row to take values from.";
        }
        List<@Nullable String> values = spec.sql().values(change, Side.there(change));
        StringBuilder text = new StringBuilder("would run in " + spec.datasource() + ", once:\n");
        text.append(spec.text());
        for (int i = 0; i < values.size(); i++) {
            Template.Placeholder placeholder = spec.sql().parameters().get(i);
            String value = values.get(i);
            text.append('\n').append(placeholder).append(" = ");
            text.append(value == null ? "NULL" : value);
        }
        return text.toString();
    }

    private @Nullable SqlSpec read(Rule rule, List<Fault> faults) {
        return SqlSpec.read(
                rule,
                Optional.ofNullable(config.get(rule.name())).flatMap(SqlRule::action),
                faults);
    }
}
