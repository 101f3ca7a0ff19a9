package dev.walmonitor.handler.cache;

import dev.walmonitor.change.Relation;
import dev.walmonitor.handler.ActionFactory;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.cache.CacheRules.CacheConfig;
import dev.walmonitor.handler.cache.CacheRules.CacheRule;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.redis.RedisStore;
import dev.walmonitor.sink.sql.QueriesBySource;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Makes the handlers of the action {@code cache}. */
@Singleton
final class CacheFactory implements ActionFactory {
    private final CacheRules config;
    private final Supplier<QueriesBySource> queries;
    private final RedisStore redis;
    private final Vertx vertx;
    private final MeterRegistry registry;

    @Inject
    CacheFactory(
            CacheRules config,
            Instance<QueriesBySource> queries,
            RedisStore redis,
            Vertx vertx,
            MeterRegistry registry) {
        this(config, queries::get, redis, vertx, registry);
    }

    /**
     * @param queries asked for when it is needed
     */
    CacheFactory(
            CacheRules config,
            Supplier<QueriesBySource> queries,
            RedisStore redis,
            Vertx vertx,
            MeterRegistry registry) {
        this.config = config;
        this.queries = queries;
        this.redis = redis;
        this.vertx = vertx;
        this.registry = registry;
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
    public Uni<List<Fault>> check(Rule rule, List<Relation> tables) {
        return Uni.createFrom()
                .deferred(() -> {
                    List<Fault> faults = new ArrayList<>();
                    CacheSpec spec = CacheSpec.read(rule, config(rule), faults);
                    sharedKey(rule, faults);
                    if (spec == null) {
                        return Uni.createFrom().item(faults);
                    }
                    faults.addAll(spec.needs().faults(rule, tables));
                    return queries.get()
                            .of(rule.source())
                            .columns(spec.query())
                            .replaceWith(faults)
                            .onFailure()
                            .recoverWithItem(failure -> refused(rule, failure, faults));
                });
    }

    private static List<Fault> refused(Rule rule, Throwable failure, List<Fault> faults) {
        faults.add(
                new Fault(
                        rule.name(),
                        "cache.query cannot be used: " + failure.getMessage() + ".",
                        "Correct the query, or what it needs in the database."));
        return faults;
    }

    /** Two rules that write one key would overwrite one another for ever. */
    private void sharedKey(Rule rule, List<Fault> faults) {
        Optional<String> key = config(rule).flatMap(CacheConfig::key);
        config.rules().keySet().stream()
                .filter(other -> other.compareTo(rule.name()) < 0)
                .filter(other -> key.isPresent() && key.equals(key(other)))
                .sorted()
                .findFirst()
                .ifPresent(other ->
                        faults.add(
                                new Fault(
                                        rule.name(),
                                        "its key is that of rule \"" + other + "\" too;",
                                        "give each rule a key of its own.")));
    }

    private Optional<String> key(String rule) {
        return Optional.ofNullable(config.rules().get(rule))
                .flatMap(CacheRule::cache)
                .flatMap(CacheConfig::key);
    }

    private Optional<CacheConfig> config(Rule rule) {
        return Optional.ofNullable(config.rules().get(rule.name())).flatMap(CacheRule::cache);
    }

    @Override
    public ChangeHandler create(Rule rule) {
        List<Fault> faults = new ArrayList<>();
        CacheSpec spec = CacheSpec.read(rule, config(rule), faults);
        if (spec == null) {
            throw new IllegalArgumentException(faults.getFirst().message());
        }
        return new CacheHandler(
                rule,
                spec,
                queries.get().of(rule.source()),
                redis,
                new Loop.Netty(((VertxInternal) vertx).createEventLoopContext().nettyEventLoop()),
                RandomGenerator.getDefault(),
                new RefreshCounters(registry, rule));
    }
}
