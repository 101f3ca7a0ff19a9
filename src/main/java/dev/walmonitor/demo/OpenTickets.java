package dev.walmonitor.demo;

import dev.walmonitor.change.Row;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.OnChange;
import dev.walmonitor.sink.Together;
import dev.walmonitor.sink.redis.RedisStore;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.QueriesBySource;
import dev.walmonitor.sink.sql.Query;
import io.quarkus.arc.profile.IfBuildProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A rule in Java: how many open tickets each agent has, under {@code agent:ID:open}. It counts
 * afresh instead of adding, so a change that comes twice does no harm.
 *
 * <p>The table is given as a glob, which may match nothing: a database without tickets is none of
 * its business.
 */
@OnChange(tables = "public.ticket?")
@IfBuildProfile("dev")
class OpenTickets implements ChangeHandler {
    private static final Query COUNT =
            new Query(
                    List.of(
                            "SELECT count(*) AS open FROM tickets"
                                    + " WHERE status IN ('open', 'in_progress') AND assignee_id = ",
                            ""));

    private final DemoConfig config;
    private final QueriesBySource queries;
    private final RedisStore redis;

    OpenTickets(DemoConfig config, QueriesBySource queries, RedisStore redis) {
        this.config = config;
        this.queries = queries;
        this.redis = redis;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        Set<String> agents = new LinkedHashSet<>();
        add(agents, change.before());
        add(agents, change.after());
        if (!config.enabled() || agents.isEmpty()) {
            return Uni.createFrom().item(HandlerResult.NONE);
        }
        List<Uni<String>> counts =
                agents.stream().map(agent -> count(change.transaction(), agent)).toList();
        return Together.all(counts)
                .map(told -> HandlerResult.of("counted").with("tickets", String.join(" ", told)));
    }

    private static void add(Set<String> agents, @Nullable Row row) {
        String agent = row == null ? null : row.text("assignee_id");
        if (agent != null) {
            agents.add(agent);
        }
    }

    /** A change can be told before others can see its row; then the count is tried again. */
    private Uni<String> count(Transaction transaction, String agent) {
        return queries.of(transaction.source())
                .snapshot(
                        COUNT,
                        List.of(agent),
                        Set.of(new Queries.Mark(transaction.xid(), transaction.commit().number())))
                .invoke(read -> {
                    if (!read.unseen().isEmpty()) {
                        throw new IllegalStateException("the change cannot be seen yet");
                    }
                })
                .map(read ->
                        new JsonArray(read.json()).getJsonObject(0).getValue("open").toString())
                .call(open -> redis.set("agent:" + agent + ":open", open, null))
                .map(open -> "agent:" + agent + ":open=" + open);
    }
}
