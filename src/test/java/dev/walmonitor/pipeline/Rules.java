package dev.walmonitor.pipeline;

import dev.walmonitor.change.Operation;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Rules in few words. */
final class Rules {

    /** Without chance the delays are 100, 200, 400, 800 and then always 1,000 ms. */
    static final Rule.Retry RETRY = new Rule.Retry(Duration.ofMillis(100), Duration.ofSeconds(1));

    private Rules() {}

    /** Wants every change of the tables. */
    static Rule of(String name, String tables) {
        return of(name, tables, Set.of(Operation.values()));
    }

    static Rule of(String name, String tables, Rule.Retry retry) {
        return of(name, tables, Set.of(Operation.values()), retry);
    }

    static Rule of(String name, String tables, Set<Operation> operations) {
        return of(name, tables, operations, RETRY);
    }

    private static Rule of(
            String name, String tables, Set<Operation> operations, Rule.Retry retry) {
        return new Rule(
                name,
                "test",
                "main",
                new Filter(List.of(TablePattern.parse(tables)), operations),
                retry);
    }
}
