package dev.walmonitor.pipeline;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.source.Interest;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which rules a change goes to. The answer is worked out once a relation and operation, never once
 * a change. Rules may be added while the pipeline runs, from any thread; everything else is owned
 * by the pipeline's loop.
 */
final class Router implements Interest {

    /**
     * Where the changes of one relation go: by operation, the rules, and how many changes were
     * seen.
     */
    static final class Route {
        private final Relation relation;
        private final int version;
        private final Map<Operation, RuleRunner[]> runners = new EnumMap<>(Operation.class);
        private final Map<Operation, Counter> seen = new EnumMap<>(Operation.class);

        private Route(Relation relation, int version) {
            this.relation = relation;
            this.version = version;
        }

        @SuppressWarnings("NullAway") // every operation is put by the router
        RuleRunner[] runners(Operation operation) {
            return runners.get(operation);
        }

        @SuppressWarnings("NullAway")
        void count(Operation operation) {
            seen.get(operation).increment();
        }
    }

    private final String source;
    private final MeterRegistry registry;

    /** By the table's OID. */
    private final IntObjectMap<Route> routes = new IntObjectHashMap<>();

    private volatile RuleIndex rules = RuleIndex.EMPTY;
    private volatile int version;
    private @Nullable Route latest;

    Router(String source, MeterRegistry registry) {
        this.source = source;
        this.registry = registry;
    }

    /** Adds a rule; changes that are routed from now on reach it. */
    void add(RuleRunner runner) {
        addAll(List.of(runner));
    }

    /** Adds rules; each time costs as much as there are rules, so many are added at once. */
    synchronized void addAll(Collection<RuleRunner> runners) {
        rules = rules.with(runners);
        version++;
    }

    List<RuleRunner> rules() {
        return rules.all();
    }

    @Override
    public boolean wants(Relation relation, Operation operation) {
        return rules.of(relation.table()).stream()
                .anyMatch(runner -> runner.rule().filter().events().contains(operation));
    }

    @Override
    public boolean canRebuild() {
        return rules().stream().allMatch(RuleRunner::canRebuild);
    }

    @Override
    public int version() {
        return version;
    }

    /** Whether the table had this shape when it was last heard of. */
    boolean isCurrent(Relation relation) {
        Route known = routes.get(relation.oid());
        return known != null && Keys.ofShape(known.relation) == Keys.ofShape(relation);
    }

    Route route(Relation relation) {
        Route route = latest;
        if (route == null || route.relation != relation || route.version != version) {
            route = lookUp(relation);
            latest = route;
        }
        return route;
    }

    private Route lookUp(Relation relation) {
        Route known = routes.get(relation.oid());
        if (known != null && known.relation == relation && known.version == version) {
            return known;
        }
        Route route = plan(relation);
        routes.put(relation.oid(), route);
        if (known == null) {
            rules.of(relation.table()).forEach(runner -> runner.firstSeen(relation));
        } else if (known.relation != relation) {
            rules.of(relation.table()).forEach(runner -> runner.barrierNext(relation));
        }
        return route;
    }

    private Route plan(Relation relation) {
        Route route = new Route(relation, version);
        List<RuleRunner> concerned = rules.of(relation.table());
        for (Operation operation : Operation.values()) {
            RuleRunner[] matching =
                    concerned.stream()
                            .filter(r -> r.rule().filter().events().contains(operation))
                            .toArray(RuleRunner[]::new);
            route.runners.put(operation, matching);
            route.seen.put(
                    operation,
                    Counter.builder("wal_monitor_changes")
                            .description("Changes that at least one rule wants")
                            .tag("source", source)
                            .tag("table", relation.table().toString())
                            .tag("event", operation.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
        return route;
    }
}
