package dev.walmonitor.handler;

import dev.walmonitor.change.Operation;
import dev.walmonitor.handler.JavaHandlers.JavaHandler;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import io.quarkus.virtual.threads.VirtualThreads;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;

/**
 * Registers handlers while the service runs; inject it. May be called from any thread, and as early
 * as an observer of the application's start.
 *
 * <p>A handler that was registered is like one with {@link OnChange}: the same lanes, retries and
 * metrics, under its name. It gets what is committed from the time on when its tables are
 * published, which they are soon after. When the process ends it is forgotten.
 */
@Singleton
public class ChangeHandlers {
    private final Instance<RunningRules> rules;
    private final Instance<RuleBook> book;
    private final Vertx vertx;
    private final ExecutorService virtualThreads;
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    ChangeHandlers(
            Instance<RunningRules> rules,
            Instance<RuleBook> book,
            Vertx vertx,
            @VirtualThreads ExecutorService virtualThreads) {
        this.rules = rules;
        this.book = book;
        this.vertx = vertx;
        this.virtualThreads = virtualThreads;
    }

    /**
     * As the other, for one table or glob and all of its events, under the name of the handler's
     * class.
     */
    public Rule register(String tables, ChangeHandler handler) {
        return register(List.of(tables), Set.of(Operation.values()), handler);
    }

    /** As the other, under the name of the handler's class. */
    public Rule register(Collection<String> tables, Set<Operation> events, ChangeHandler handler) {
        String name = handler.getClass().getSimpleName();
        int lambda = name.indexOf("$$Lambda");
        return register(lambda < 0 ? name : name.substring(0, lambda), tables, events, handler);
    }

    /**
     * Registers a handler.
     *
     * @param name for logs and metrics; a number is put behind it if there is such a rule already
     * @param tables or globs such as {@code shop.order_*}
     * @return the rule that it is now
     * @throws IllegalArgumentException if a table is malformed, or none is named
     */
    public Rule register(
            String name, Collection<String> tables, Set<Operation> events, ChangeHandler handler) {
        JavaHandler registered =
                new JavaHandler(free(name), List.copyOf(tables), Set.copyOf(events), () -> handler);
        List<Fault> faults = new ArrayList<>();
        Rule rule =
                book.get()
                        .ruleOf(registered, faults)
                        .orElseThrow(
                                () -> new IllegalArgumentException(faults.getFirst().message()));
        rules.get().add(rule, new OwnContext(handler, kind(handler), vertx, virtualThreads));
        return rule;
    }

    private String free(String name) {
        Set<String> written = book.get().names();
        String free = name;
        for (int n = 2; written.contains(free) || !names.add(free); n++) {
            free = name + "-" + n;
        }
        return free;
    }

    private static RunsOn.Kind kind(ChangeHandler handler) {
        Class<?> type = handler.getClass();
        if (type.isAnnotationPresent(RunOnVirtualThread.class)) {
            return RunsOn.Kind.VIRTUAL;
        }
        return type.isAnnotationPresent(Blocking.class)
                ? RunsOn.Kind.WORKER
                : RunsOn.Kind.EVENT_LOOP;
    }
}
