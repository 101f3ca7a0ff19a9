package dev.walmonitor.handler.notify;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.Side;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.Query;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One query of one row, for what the templates of a message want to know beside the change. */
final class Enrichment {
    private static final Logger LOG = Logger.getLogger(Enrichment.class);

    /** What templates call it. */
    static final String NAME = "enrich";

    private final String rule;
    private final Template.Sql sql;
    private final AtomicBoolean toldOfMore = new AtomicBoolean();

    /**
     * @param rule for messages
     */
    Enrichment(String rule, Template.Sql sql) {
        this.rule = rule;
        this.sql = sql;
    }

    Query query() {
        return new Query(sql.fragments());
    }

    Needs needs() {
        return Needs.of(sql.parameters());
    }

    /** The change, and the row's columns; if there is no row, each is nothing. */
    Uni<Facts> of(RowChange change, Queries queries) {
        return Uni.createFrom()
                .deferred(() ->
                        queries.rows(query().limited(2), sql.values(change, Side.there(change))))
                .map(rows -> Facts.of(change).with(NAME, columns(rows)));
    }

    private Map<String, @Nullable Object> columns(List<JsonObject> rows) {
        if (rows.isEmpty()) {
            return new Nothing();
        }
        if (rows.size() > 1 && toldOfMore.compareAndSet(false, true)) {
            LOG.warnf(
                    "Rule %s: the query of notify.enrich gives more than one row; the first is used. Add to it what makes"
                            + " it one, such as LIMIT 1.",
                    rule);
        }
        Map<String, @Nullable Object> columns = new HashMap<>();
        rows.getFirst()
                .forEach(column ->
                        columns.put(column.getKey(), Objects.toString(column.getValue(), null)));
        return columns;
    }

    /** Has every column, and nothing in it. */
    private static final class Nothing extends HashMap<String, @Nullable Object> {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean containsKey(@Nullable Object key) {
            return true;
        }
    }
}
