package dev.walmonitor.handler.cache;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ActionFactory;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.cache.CacheRules.CacheConfig;
import dev.walmonitor.handler.cache.CacheRules.CacheRule;
import dev.walmonitor.handler.json.RowJson;
import dev.walmonitor.handler.json.TypeShapes;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesText;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.Together;
import dev.walmonitor.sink.redis.CacheStore;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.QueriesBySource;
import dev.walmonitor.sink.sql.Veil;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Makes the handlers of the action {@code cache}. */
@Singleton
final class CacheFactory implements ActionFactory {
    private final Map<String, CacheRule> config;
    private final Map<String, String> firstOfKey = new HashMap<>();
    private final Supplier<QueriesBySource> queries;
    private final CacheStore redis;
    private final RunningCaches running;
    private final Vertx vertx;
    private final MeterRegistry registry;
    private final Map<String, List<Relation>> tables = new ConcurrentHashMap<>();
    private final Map<String, Shared> shared = new ConcurrentHashMap<>();

    /** What the rules of one source share. */
    private record Shared(Loop loop, Visibility visibility, RowJson json) {}

    @Inject
    CacheFactory(
            RulesText rules,
            Instance<QueriesBySource> queries,
            CacheStore redis,
            RunningCaches running,
            Vertx vertx,
            MeterRegistry registry) {
        this(rules, queries::get, redis, running, vertx, registry);
    }

    /**
     * @param queries asked for when it is needed
     */
    CacheFactory(
            RulesText rules,
            Supplier<QueriesBySource> queries,
            CacheStore redis,
            RunningCaches running,
            Vertx vertx,
            MeterRegistry registry) {
        this.config = rules.read(CacheRules.class, CacheRules::rules);
        this.queries = queries;
        this.redis = redis;
        this.running = running;
        this.vertx = vertx;
        this.registry = registry;
        for (String rule : new TreeSet<>(config.keySet())) {
            if (!evicts(rule)) {
                keys(rule).forEach(key -> firstOfKey.putIfAbsent(key, rule));
            }
        }
    }

    @Override
    public String action() {
        return "cache";
    }

    @Override
    public Class<?> settings() {
        return CacheRules.class;
    }

    @Override
    public Uni<List<Fault>> check(Rule rule, List<Relation> matching) {
        return Uni.createFrom()
                .deferred(() -> {
                    List<Fault> faults = new ArrayList<>();
                    CacheSpec spec = SpecReader.read(rule, config(rule), faults);
                    sharedKeys(rule, faults);
                    if (spec == null) {
                        return Uni.createFrom().item(faults);
                    }
                    tables.put(rule.name(), matching);
                    faults.addAll(spec.needs().faults(rule, matching));
                    hiddenKeys(rule, spec, matching, faults);
                    return switch (spec.form()) {
                        case CacheSpec.Form.Answer answer -> checkQuery(rule, answer, faults);
                        case CacheSpec.Form.TheRow row -> checkRow(rule, spec, matching, faults);
                        case CacheSpec.Form.Nothing nothing -> Uni.createFrom().item(faults);
                    };
                });
    }

    /** A row cannot be found by what is not its value. */
    private void hiddenKeys(
            Rule rule, CacheSpec spec, List<Relation> matching, List<Fault> faults) {
        if (spec.form() instanceof CacheSpec.Form.Nothing) {
            return;
        }
        for (Relation table : matching) {
            queries.get()
                    .veil(rule.source(), table.table())
                    .ifPresent(veil ->
                            spec.columns().stream()
                                    .filter(column -> !veil.shows(column))
                                    .sorted()
                                    .forEach(column ->
                                            faults.add(
                                                    new Fault(
                                                            rule.name(),
                                                            "its key needs "
                                                                    + table.table()
                                                                    + "."
                                                                    + column
                                                                    + ", which the source hides;",
                                                            "make the key of other columns, or show"
                                                                    + " this one."))));
        }
    }

    private Uni<List<Fault>> checkQuery(
            Rule rule, CacheSpec.Form.Answer answer, List<Fault> faults) {
        return queries.get()
                .of(rule.source())
                .columns(answer.query())
                .replaceWith(faults)
                .onFailure()
                .recoverWithItem(failure -> refused(rule, failure, faults));
    }

    private static List<Fault> refused(Rule rule, Throwable failure, List<Fault> faults) {
        faults.add(
                new Fault(
                        rule.name(),
                        "cache.query cannot be used: " + failure.getMessage() + ".",
                        "Correct the query, or what it needs in the database."));
        return faults;
    }

    /**
     * Rows of two tables, or two rows of one, under one key would overwrite one another for ever.
     */
    private Uni<List<Fault>> checkRow(
            Rule rule, CacheSpec spec, List<Relation> matching, List<Fault> faults) {
        if (rule.when().isPresent() || !rule.filter().changed().isEmpty()) {
            faults.add(
                    new Fault(
                            rule.name(),
                            "it keeps rows, and leaves changes out by when or changed, so that old"
                                    + " values would stay;",
                            "leave the condition out, or keep a query's answer with single: true and"
                                    + " a where."));
        }
        if (matching.size() > 1) {
            faults.add(
                    new Fault(
                            rule.name(),
                            "it keeps rows of " + matching.size() + " tables under the same keys;",
                            "make a rule of each table, with a key of its own."));
        }
        if (matching.size() != 1 || !faults.isEmpty()) {
            if (matching.isEmpty()) {
                faults.add(
                        new Fault(
                                rule.name(),
                                "no table matches it, and cache.value: row needs one;",
                                "create it, or correct the rule's tables."));
            }
            return Uni.createFrom().item(faults);
        }
        Relation table = matching.getFirst();
        List<Uni<Boolean>> checks =
                spec.keys().stream().map(key -> tellsRowsApart(rule, key, table)).toList();
        return Together.all(checks)
                .map(apart -> {
                    for (int i = 0; i < apart.size(); i++) {
                        if (!apart.get(i)) {
                            faults.add(
                                    new Fault(
                                            rule.name(),
                                            "several rows of "
                                                    + table.table()
                                                    + " may share the key "
                                                    + spec.keys().get(i)
                                                    + ";",
                                            "name the columns of its primary key, or of a unique"
                                                    + " index, or keep a query's answer instead."));
                        }
                    }
                    return faults;
                });
    }

    private Uni<Boolean> tellsRowsApart(Rule rule, Template key, Relation table) {
        Set<String> columns = new LinkedHashSet<>();
        key.placeholders().forEach(p -> columns.add(p.column()));
        Set<String> primary = new HashSet<>();
        table.key().forEach(i -> primary.add(table.columns().get(i).name()));
        if (!primary.isEmpty() && columns.containsAll(primary)) {
            return Uni.createFrom().item(true);
        }
        return RowQuery.uniqueIndexes(
                        queries.get().of(rule.source()), table.table(), List.copyOf(columns))
                .map(count -> count > 0);
    }

    /** Two rules that write one key would overwrite one another for ever. */
    private void sharedKeys(Rule rule, List<Fault> faults) {
        if (evicts(rule.name())) {
            return;
        }
        keys(rule.name()).stream()
                .map(key -> firstOfKey.getOrDefault(key, rule.name()))
                .min(Comparator.naturalOrder())
                .filter(other -> !other.equals(rule.name()))
                .ifPresent(other ->
                        faults.add(
                                new Fault(
                                        rule.name(),
                                        "its key is that of rule \"" + other + "\" too;",
                                        "give each rule a key of its own.")));
    }

    private List<String> keys(String rule) {
        Optional<CacheConfig> cache = cache(rule);
        List<String> keys = new ArrayList<>(cache.flatMap(CacheConfig::keys).orElse(List.of()));
        cache.flatMap(CacheConfig::key).ifPresent(keys::add);
        return keys;
    }

    private boolean evicts(String rule) {
        return cache(rule).flatMap(CacheConfig::value).filter("evict"::equals).isPresent();
    }

    private Optional<CacheConfig> cache(String rule) {
        return Optional.ofNullable(config.get(rule)).flatMap(CacheRule::cache);
    }

    private Optional<CacheConfig> config(Rule rule) {
        return cache(rule.name());
    }

    @Override
    public ChangeHandler create(Rule rule) {
        List<Fault> faults = new ArrayList<>();
        CacheSpec spec = SpecReader.read(rule, config(rule), faults);
        if (spec == null) {
            throw new IllegalArgumentException(faults.getFirst().message());
        }
        Tools tools = tools(rule);
        KeptCache cache =
                switch (spec.form()) {
                    case CacheSpec.Form.Answer answer -> new AnswerCache(rule, spec, answer, tools);
                    case CacheSpec.Form.TheRow row -> new RowCache(rule, spec, tools);
                    case CacheSpec.Form.Nothing nothing -> new EvictCache(rule, spec, tools);
                };
        running.add(cache, tools.loop());
        Gauge.builder("wal_monitor_cache_divergence_ratio", () -> running.divergence(rule.name()))
                .description("The part of the keys last audited that were not as the database is")
                .tag("source", rule.source())
                .tag("rule", rule.name())
                .register(registry);
        return cache;
    }

    private Tools tools(Rule rule) {
        String source = rule.source();
        QueriesBySource databases = queries.get();
        Queries primary = databases.primary(source);
        List<Relation> matching = tables.getOrDefault(rule.name(), List.of());
        Optional<Veil> veil =
                matching.isEmpty()
                        ? Optional.empty()
                        : databases.veil(source, matching.getFirst().table());
        Shared of = shared.computeIfAbsent(source, name -> share(primary));
        return new Tools(
                redis,
                databases.of(source),
                primary,
                matching,
                veil,
                of.visibility(),
                of.json(),
                of.loop(),
                RandomGenerator.getDefault(),
                InstantSource.system(),
                new RefreshCounters(registry, rule),
                log -> running.followed(source, log),
                () -> running.unsure(source));
    }

    private Shared share(Queries primary) {
        Loop loop =
                new Loop.Netty(((VertxInternal) vertx).createEventLoopContext().nettyEventLoop());
        return new Shared(
                loop, new Visibility(primary, loop), new RowJson(new TypeShapes(primary)));
    }

    @Override
    public Uni<List<String>> preview(Rule rule, RowChange change) {
        List<Fault> faults = new ArrayList<>();
        CacheSpec spec = SpecReader.read(rule, config(rule), faults);
        return Uni.createFrom().item(spec == null ? List.of() : Preview.of(spec, change));
    }
}
