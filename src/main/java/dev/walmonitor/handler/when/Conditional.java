package dev.walmonitor.handler.when;

import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Condition;
import dev.walmonitor.rule.cel.Answer;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A handler that is asked only about changes for which its rule's condition holds. Thread-safe.
 *
 * <p>What the change does not tell is read from the database. What cannot be had there either (the
 * row is gone, or it is about the row before) does not make the condition false: such a change is
 * handled, as one too many does less harm than one too few.
 */
final class Conditional implements ChangeHandler {
    private static final Logger LOG = Logger.getLogger(Conditional.class);

    private final String rule;
    private final Condition when;
    private final RowReader rows;
    private final ChangeHandler handler;
    private final AtomicBoolean told = new AtomicBoolean();

    Conditional(String rule, Condition when, RowReader rows, ChangeHandler handler) {
        this.rule = rule;
        this.when = when;
        this.rows = rows;
        this.handler = handler;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return switch (when.of(change)) {
            case YES -> handler.handle(change);
            case NO -> Uni.createFrom().item(HandlerResult.NONE);
            case UNKNOWN -> look(change);
        };
    }

    private Uni<HandlerResult> look(RowChange change) {
        List<String> unsent = when.unsent(change);
        if (unsent.isEmpty() || change.relation().key().isEmpty()) {
            return undecidable(change);
        }
        return rows.read(change, unsent).chain(read -> decide(change, read));
    }

    private Uni<HandlerResult> decide(RowChange change, Optional<Map<String, ColumnValue>> read) {
        Answer answer = read.map(values -> when.of(change, values)).orElse(Answer.UNKNOWN);
        return switch (answer) {
            case YES -> handler.handle(change);
            case NO -> Uni.createFrom().item(HandlerResult.NONE);
            case UNKNOWN -> read.isEmpty() ? handler.handle(change) : undecidable(change);
        };
    }

    private Uni<HandlerResult> undecidable(RowChange change) {
        if (!(change instanceof RowChange.Truncate) && told.compareAndSet(false, true)) {
            LOG.warnf(
                    "Rule %s: whether its condition holds cannot be known for the %s of %s, as the old row was not sent;"
                            + " such changes are handled. Mend it with: ALTER TABLE %s REPLICA IDENTITY FULL",
                    rule, change.operation(), change.table(), change.table().quoted());
        }
        return handler.handle(change);
    }

    @Override
    public boolean ordered() {
        return handler.ordered();
    }

    /** Only what surely is the rule's business may stand for what came before it. */
    @Override
    public @Nullable String coalescedBy(RowChange change) {
        return when.of(change) == Answer.YES ? handler.coalescedBy(change) : null;
    }

    @Override
    public @Nullable String disabled() {
        return handler.disabled();
    }

    @Override
    public Uni<HandlerResult> warm() {
        return handler.warm();
    }

    @Override
    public void follow(LogIdentity log) {
        handler.follow(log);
    }

    @Override
    public Uni<HandlerResult> rebuild() {
        return handler.rebuild();
    }

    @Override
    public boolean canRebuild() {
        return handler.canRebuild();
    }
}
