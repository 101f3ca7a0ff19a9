package dev.walmonitor.handler.when;

import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.Guard;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.sql.QueriesBySource;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import java.time.Duration;

/** Binds a rule's condition to the database of its source. */
@Singleton
final class Conditions implements Guard {
    private final Instance<QueriesBySource> queries;
    private final Vertx vertx;

    Conditions(Instance<QueriesBySource> queries, Vertx vertx) {
        this.queries = queries;
        this.vertx = vertx;
    }

    @Override
    public ChangeHandler before(Rule rule, ChangeHandler handler) {
        return rule.when()
                .<ChangeHandler>map(when ->
                        new Conditional(
                                rule.name(),
                                when,
                                new RowReader(queries.get().primary(rule.source()), this::after),
                                handler))
                .orElse(handler);
    }

    private Uni<Void> after(Duration pause) {
        return Uni.createFrom()
                .emitter(emitter ->
                        vertx.setTimer(
                                Math.max(1, pause.toMillis()), timer -> emitter.complete(null)));
    }
}
