package dev.walmonitor.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.rule.Rule;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Handlers that are registered while the service runs, over a real database. */
@QuarkusTest
class ChangeHandlersTest {
    @Inject ChangeHandlers handlers;
    @Inject MeterRegistry registry;

    @ConfigProperty(name = "wal-monitor.sources.main.url")
    String url = "";

    @Test
    void aHandlerGetsChangesOfATableThatNobodyWantedBefore() {
        SharedServers.execute(
                url,
                "drop table if exists late_orders",
                "create table late_orders (id int primary key, state text)");
        List<String> seen = new CopyOnWriteArrayList<>();
        AtomicInteger failures = new AtomicInteger(2);

        Rule rule =
                handlers.register(
                        "late-orders",
                        List.of("public.late_orders"),
                        Set.of(Operation.INSERT, Operation.UPDATE),
                        change -> handle(change, seen, failures));
        assertThat(rule.name()).isEqualTo("late-orders");
        await("the table is published soon, and not at the next look of every 15 s")
                .atMost(Duration.ofSeconds(10))
                .until(() -> isPublished());
        SharedServers.execute(
                url,
                "insert into late_orders values (1, 'new')",
                "update late_orders set state = 'paid' where id = 1",
                "delete from late_orders");

        await().atMost(Duration.ofSeconds(20)).until(() -> seen.size() >= 4);
        assertThat(seen)
                .as("a change that fails is tried again, and the row's next one waits")
                .containsExactly("INSERT new", "INSERT new", "INSERT new", "UPDATE paid");
        await().until(() -> done("late-orders") == 2);
    }

    private static Uni<HandlerResult> handle(
            RowChange change, List<String> seen, AtomicInteger failures) {
        seen.add(change.operation() + " " + Objects.requireNonNull(change.after()).text("state"));
        return failures.getAndDecrement() > 0
                ? Uni.createFrom().failure(new IllegalStateException("not yet"))
                : Uni.createFrom().item(HandlerResult.of("seen"));
    }

    private boolean isPublished() {
        try {
            SharedServers.execute(
                    url,
                    "do $$ begin if not exists (select 1 from pg_publication_tables where tablename ="
                            + " 'late_orders') then raise 'not yet'; end if; end $$");
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private double done(String rule) {
        return registry.get("wal_monitor_rule_handled")
                .tags("rule", rule, "outcome", "done")
                .counter()
                .count();
    }

    @Test
    void twoOfOneNameAreToldApartByANumber() {
        ChangeHandler nothing = change -> Uni.createFrom().item(HandlerResult.NONE);
        Rule first = handlers.register("twice", List.of("nowhere.*"), Set.of(), nothing);
        Rule second = handlers.register("twice", List.of("nowhere.*"), Set.of(), nothing);
        Rule byClass = handlers.register("nowhere.*", nothing);

        assertThat(List.of(first.name(), second.name())).containsExactly("twice", "twice-2");
        assertThat(byClass.name()).isEqualTo("ChangeHandlersTest");
        assertThat(byClass.filter().events()).hasSize(4);
    }

    @Test
    void aTableThatIsNoneIsRefused() {
        assertThatThrownBy(() ->
                        handlers.register(
                                "bad",
                                List.of("a.b.c"),
                                Set.of(Operation.INSERT),
                                change -> Uni.createFrom().item(HandlerResult.NONE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Rule \"bad\": Expected a table such as public.roles or a glob such as"
                                + " shop.order_*, got \"a.b.c\". Correct its tables.");
    }
}
