package dev.walmonitor.handler.sql;

import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Side;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.Query;
import dev.walmonitor.sink.sql.Statements;
import dev.walmonitor.sink.sql.Statements.Entry;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Runs a rule's statement once for each change, however often that comes. Thread-safe. */
final class SqlHandler implements ChangeHandler {
    /** Behind the rule's name; no rule is called so. */
    private static final String REPLAY = " (replay)";

    private final Rule rule;
    private final SqlSpec spec;
    private final Query query;
    private final Statements statements;
    private final SqlMeters meters;

    SqlHandler(Rule rule, SqlSpec spec, Statements statements, SqlMeters meters) {
        this.rule = rule;
        this.spec = spec;
        this.query = spec.query();
        this.statements = statements;
        this.meters = meters;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        if (lacksRow(spec, change)) {
            meters.skipped();
            return Uni.createFrom().item(result("skipped"));
        }
        return Uni.createFrom()
                .item(() -> values(change))
                .chain(values -> statements.apply(query, values, entry(change)))
                .map(this::result);
    }

    /** A TRUNCATE has no row to take values from. */
    static boolean lacksRow(SqlSpec spec, RowChange change) {
        return change instanceof RowChange.Truncate && !spec.sql().parameters().isEmpty();
    }

    private List<@Nullable String> values(RowChange change) {
        try {
            return spec.sql().values(change, Side.there(change));
        } catch (IllegalStateException e) {
            throw new SinkException(
                    e.getMessage()
                            + ". Mend it with: ALTER TABLE "
                            + change.table().quoted()
                            + " REPLICA IDENTITY FULL",
                    false);
        } catch (IllegalArgumentException e) {
            throw new SinkException(String.valueOf(e.getMessage()), false);
        }
    }

    /** What is wanted once more is another deed in the ledger. */
    private Entry entry(RowChange change) {
        Transaction transaction = change.transaction();
        boolean again = transaction.delivery() == Delivery.REPLAY;
        return new Entry(
                transaction.source(),
                transaction.epoch(),
                again ? rule.name() + REPLAY : rule.name(),
                transaction.commit().number(),
                change.ordinal());
    }

    private HandlerResult result(OptionalLong rows) {
        if (rows.isEmpty()) {
            meters.known();
            return result("known");
        }
        meters.applied();
        return result("applied").with("rows", rows.getAsLong());
    }

    private HandlerResult result(String action) {
        return HandlerResult.of(action).with("datasource", spec.datasource());
    }
}
