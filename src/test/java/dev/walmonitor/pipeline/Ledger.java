package dev.walmonitor.pipeline;

import dev.walmonitor.change.ChangeId;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.pipeline.History.Happening;
import dev.walmonitor.rule.Rule;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Watches what is told, handled, stored and confirmed, over all lives of a process, and remembers
 * the first thing that must not be.
 */
@SuppressWarnings("ReferenceEquality") // a change that is told again is another delivery
final class Ledger {

    /** A change that was told, on its way to one rule. */
    private static final class Delivery {
        private final Happening happening;
        private final RowChange change;
        private boolean running;
        private boolean parked;

        /** It may be handled, and need not be: a later telling of it is. */
        private boolean superseded;

        private Delivery(Happening happening, RowChange change) {
            this.happening = happening;
            this.change = change;
        }

        private boolean isReplayed() {
            return change.transaction().delivery() == dev.walmonitor.change.Delivery.REPLAY;
        }

        @Override
        public String toString() {
            return happening.toString();
        }
    }

    private final History history;
    private final List<Rule> rules;
    private final Map<Rule, BitSet> done = new HashMap<>();
    private final Map<Rule, BitSet> kept = new HashMap<>();
    private final Map<Rule, List<Delivery>> onTheWay = new HashMap<>();
    private @Nullable Position stored;
    private @Nullable Position confirmed;
    private boolean storing;
    private boolean closed;
    private @Nullable String violation;

    Ledger(History history, List<Rule> rules) {
        this.history = history;
        this.rules = rules;
        for (Rule rule : rules) {
            done.put(rule, new BitSet());
            kept.put(rule, new BitSet());
            onTheWay.put(rule, new ArrayList<>());
        }
    }

    void violation(String what) {
        if (violation == null) {
            violation = what;
        }
    }

    void check(boolean right, String otherwise) {
        if (!right) {
            violation(otherwise);
        }
    }

    @Nullable String violation() {
        return violation;
    }

    /** A process has been left in order; nothing may begin in it. */
    void closed() {
        closed = true;
    }

    /** A process begins, with what others have parked before anything that it is told. */
    void begun(MemoryParking parking) {
        for (Rule rule : rules) {
            for (ParkedChange row : parking.waiting(rule.name())) {
                deliveries(rule).add(new Delivery(happening(row.change()), row.change()));
                deliveries(rule).getLast().parked = true;
            }
        }
    }

    /** A change is kept until it is done. */
    void parked(String rule, RowChange change) {
        of(rule, kept).set(happening(change).index());
        deliveries(rule).stream()
                .filter(delivery -> delivery.change == change)
                .forEach(delivery -> delivery.parked = true);
    }

    /** A change that was told again is kept already; the later telling stands for both. */
    void merged(String rule, RowChange before, RowChange now) {
        parked(rule, now);
        if (before != now) {
            deliveries(rule).stream()
                    .filter(delivery -> delivery.change == before)
                    .forEach(delivery -> delivery.superseded = true);
        }
    }

    /** A change is kept no more. */
    void settled(String rule, RowChange change) {
        int index = happening(change).index();
        check(of(rule, done).get(index), rule + " has forgotten what it never did: " + change.id());
        of(rule, kept).clear(index);
    }

    private BitSet of(String name, Map<Rule, BitSet> all) {
        return rules.stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .map(rule -> all.getOrDefault(rule, new BitSet()))
                .orElseThrow();
    }

    private Happening happening(RowChange change) {
        return history.happenings.stream()
                .filter(happening ->
                        new ChangeId(happening.transaction().commit(), happening.ordinal())
                                .equals(change.id()))
                .findFirst()
                .orElseThrow();
    }

    /** A process has died, and with it all that was on its way. */
    void died() {
        onTheWay.values().forEach(List::clear);
        storing = false;
        closed = false;
    }

    /** An operator wants what a rule has done to be done once more. */
    void replayed(Rule rule, Happening happening, RowChange change) {
        deliveries(rule).add(new Delivery(happening, change));
    }

    /** What a rule has done, in the order of the log. */
    List<Happening> done(Rule rule) {
        BitSet of = finished(rule);
        return history.happenings.stream().filter(one -> of.get(one.index())).toList();
    }

    void told(Happening happening, RowChange change) {
        for (Rule rule : rules) {
            if (wants(rule, happening)) {
                deliveries(rule).add(new Delivery(happening, change));
            }
        }
    }

    /** An attempt begins: everything that must be before it has to be done. */
    void begun(Rule rule, RowChange change) {
        check(!closed, "handled after the drain");
        Delivery begun = find(rule, change);
        if (begun == null) {
            return;
        }
        check(!begun.running, "handled twice at a time");
        begun.running = true;
        if (!UnreliableHandler.isOrdered(rule)) {
            return;
        }
        for (Delivery early : deliveries(rule)) {
            if (early == begun) {
                return;
            }
            // what is parked is done in the order of the log, also where it was told again
            boolean ahead =
                    (early.parked || begun.parked)
                            && !early.running
                            && early.happening.index() > begun.happening.index();
            // once more, before or after it came again
            boolean same =
                    early.happening == begun.happening
                            && Stream.of(early, begun).anyMatch(Delivery::isReplayed);
            if (!ahead
                    && !same
                    && !early.superseded
                    && early.happening.conflictsWith(begun.happening)) {
                violation(rule.name() + " handles " + begun + " before " + early);
            }
        }
    }

    void failed(Rule rule, RowChange change) {
        Delivery failed = find(rule, change);
        if (failed != null) {
            failed.running = false;
        }
    }

    void done(Rule rule, RowChange change) {
        Delivery delivery = find(rule, change);
        if (delivery == null) {
            return;
        }
        deliveries(rule).remove(delivery);
        Happening late = delivery.happening;
        BitSet before = finished(rule);
        if (before.get(late.index())) {
            return;
        }
        before.set(late.index());
        if (!UnreliableHandler.isOrdered(rule)) {
            return;
        }
        for (Happening early : history.happenings.subList(0, late.index())) {
            if (!before.get(early.index()) && wants(rule, early) && early.conflictsWith(late)) {
                violation(rule.name() + " has done " + late + " and never yet " + early);
            }
        }
    }

    void storing(Position position) {
        check(!storing, "stored twice at a time");
        check(
                stored == null || !stored.isAfter(position),
                "stored " + position + " after " + stored);
        checkAllDone("stored", position);
        storing = true;
    }

    void stored(Position position) {
        storing = false;
        stored = position;
    }

    void notStored() {
        storing = false;
    }

    void confirmed(Position position) {
        check(
                stored != null && !position.isAfter(stored),
                "confirmed " + position + ", but stored " + stored);
        check(
                confirmed == null || !confirmed.isAfter(position),
                "confirmed " + position + " after " + confirmed);
        checkAllDone("confirmed", position);
        confirmed = position;
    }

    @Nullable Lsn stored() {
        return stored == null ? null : new Lsn(stored.number());
    }

    /** When all is quiet. */
    void checkEnd() {
        for (Rule rule : rules) {
            check(
                    deliveries(rule).stream().allMatch(delivery -> delivery.superseded),
                    rule.name() + " has left changes undone: " + deliveries(rule));
        }
        kept.values().forEach(bits -> check(bits.isEmpty(), "something is parked in the end"));
        checkAllDone("ended at", history.end());
        check(
                history.end().equals(confirmed),
                "confirmed " + confirmed + " in the end, expected " + history.end());
    }

    private void checkAllDone(String what, Position position) {
        for (Happening happening : history.happenings) {
            if (!position.isAfter(happening.transaction().commit())) {
                return;
            }
            for (Rule rule : rules) {
                if (wants(rule, happening)
                        && !finished(rule).get(happening.index())
                        && !of(rule.name(), kept).get(happening.index())) {
                    violation(
                            what
                                    + " "
                                    + position
                                    + ", but "
                                    + rule.name()
                                    + " has not done "
                                    + happening);
                }
            }
        }
    }

    private static boolean wants(Rule rule, Happening happening) {
        return rule.filter().matches(happening.table(), happening.operation());
    }

    private @Nullable Delivery find(Rule rule, RowChange change) {
        for (Delivery delivery : deliveries(rule)) {
            if (delivery.change == change) {
                return delivery;
            }
        }
        violation(rule.name() + " handles what is done or was never told: " + change.id());
        return null;
    }

    private List<Delivery> deliveries(String name) {
        return rules.stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .map(this::deliveries)
                .orElseThrow();
    }

    private List<Delivery> deliveries(Rule rule) {
        return onTheWay.getOrDefault(rule, List.of());
    }

    private BitSet finished(Rule rule) {
        return done.getOrDefault(rule, new BitSet());
    }
}
