package dev.walmonitor.handler.notify;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.notify.MessageTemplate.Draft;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.sql.Queries;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Writes a rule's messages about a change: what it needs to know, to whom, and in which words. */
final class Drafts {
    private static final Logger LOG = Logger.getLogger(Drafts.class);

    /** As many changes ask the database at once; a digest's rule is given all at once. */
    private static final int AT_ONCE = 64;

    private final Rule rule;
    private final NotifySpec spec;
    private final Queries queries;
    private final Turnstile turnstile = new Turnstile(AT_ONCE);
    private final AtomicBoolean toldOfMany = new AtomicBoolean();

    Drafts(Rule rule, NotifySpec spec, Queries queries) {
        this.rule = rule;
        this.spec = spec;
        this.queries = queries;
    }

    /**
     * The messages about one change.
     *
     * @param more whether there are more recipients than the rule may tell
     */
    record Written(List<Draft> drafts, boolean more) {}

    Uni<Written> of(RowChange change) {
        Uni<Written> written =
                spec.enrich().isPresent() || spec.to() instanceof Recipients.Asked
                        ? turnstile.through(() -> write(change))
                        : write(change);
        return written.onFailure(Drafts::isOfTheChange)
                .transform(
                        failure -> new SinkException(String.valueOf(failure.getMessage()), false));
    }

    /** A value that was not sent, or a column that is gone, will not come with the next attempt. */
    private static boolean isOfTheChange(Throwable failure) {
        return failure instanceof IllegalStateException
                || failure instanceof IllegalArgumentException;
    }

    private Uni<Written> write(RowChange change) {
        return facts(change)
                .chain(facts ->
                        spec.to()
                                .of(change, queries, spec.most())
                                .chain(people -> write(facts, people)));
    }

    private Uni<Facts> facts(RowChange change) {
        return spec.enrich()
                .map(query -> query.of(change, queries))
                .orElseGet(() -> Uni.createFrom().item(() -> Facts.of(change)));
    }

    private Uni<Written> write(Facts facts, Set<Recipient> people) {
        boolean more = people.size() > spec.most();
        if (more) {
            tellOfMany();
        }
        Collection<Recipient> some = people.stream().limit(spec.most()).toList();
        return Multi.createFrom()
                .iterable(some)
                .onItem()
                .transformToUniAndConcatenate(to -> spec.message().message(facts, to))
                .collect()
                .asList()
                .map(drafts -> new Written(drafts, more));
    }

    private void tellOfMany() {
        if (toldOfMany.compareAndSet(false, true)) {
            LOG.warnf(
                    "Rule %s: a change concerns more than %d people; the others are not told. Each further such change is"
                            + " in wal_monitor.notification_log. Narrow notify.to, or raise notify.max-recipients.",
                    rule.name(), spec.most());
        }
    }
}
