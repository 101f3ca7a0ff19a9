package dev.walmonitor.checker;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.checker.Journal.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds the journal of a trial against the truth. The first thing that is wrong is kept.
 *
 * <ul>
 *   <li>Every committed change that a rule wants is done at least once, and says what was
 *       committed.
 *   <li>Of two changes that share a key, the later one is not begun before the earlier one is done.
 *   <li>No position is stored, and none is confirmed on the server, that lies behind the first
 *       commit that is not done; none is confirmed that was not stored.
 *   <li>After the death of a process nothing comes again that lies before the stored position;
 *       after an orderly end nothing that was done; within a process, for each time that the stream
 *       breaks, one transaction at most.
 * </ul>
 */
final class Verdict {
    static final List<String> RULES = List.of("all", "old");

    private final Truth truth;
    private final Map<String, List<KeyOrder.Item>> items = new HashMap<>();
    private final Map<String, KeyOrder> orders = new HashMap<>();
    private final int[] open;
    private final Map<Integer, Integer> places = new HashMap<>();
    private final Image image = new Image();
    private int firstOpen;
    private Lsn confirmed;
    private @Nullable Lsn stored;
    private @Nullable Lsn storedAtStart;
    private int life;
    private final Set<Integer> doneInOrder = new HashSet<>();
    private final Set<Integer> again = new HashSet<>();
    private @Nullable String wrong;

    /**
     * @param confirmed the slot's position when it was made
     */
    Verdict(Truth truth, Lsn confirmed) {
        this.truth = truth;
        this.confirmed = confirmed;
        this.open = new int[truth.transactions().size()];
        for (String rule : RULES) {
            orders.put(rule, new KeyOrder());
        }
        for (int i = 0; i < open.length; i++) {
            Truth.Committed transaction = truth.transactions().get(i);
            places.put(transaction.xid(), i);
            for (String rule : RULES) {
                expect(rule, i, transaction);
            }
        }
        passDone();
    }

    private void expect(String rule, int place, Truth.Committed transaction) {
        List<Fact> facts = transaction.facts();
        for (int ordinal = 0; ordinal < facts.size(); ordinal++) {
            Fact fact = facts.get(ordinal);
            if (!fact.equals(Fact.MESSAGE) && Life.World.wanted(rule).contains(fact.operation())) {
                KeyOrder.Item item = new KeyOrder.Item(place, ordinal, fact);
                items.computeIfAbsent(rule, r -> new ArrayList<>()).add(item);
                order(rule).expect(item);
                open[place]++;
            }
        }
    }

    private KeyOrder order(String rule) {
        KeyOrder order = orders.get(rule);
        if (order == null) {
            throw new IllegalStateException("No rule " + rule);
        }
        return order;
    }

    /** What is wrong, or null. */
    @Nullable String of(List<Entry> entries) {
        for (Entry entry : entries) {
            take(entry);
            if (wrong != null) {
                return "life " + life + ": " + wrong;
            }
        }
        for (String rule : RULES) {
            for (KeyOrder.Item item : items.getOrDefault(rule, List.of())) {
                if (!item.done) {
                    return "never handled by rule " + rule + ": " + describe(item);
                }
            }
        }
        return null;
    }

    Image image() {
        return image;
    }

    private String describe(KeyOrder.Item item) {
        Truth.Committed transaction = truth.transactions().get(item.place);
        return "%d:%d %s, committed at %s to %s"
                .formatted(
                        transaction.xid(),
                        item.ordinal,
                        item.fact,
                        transaction.commit(),
                        transaction.end());
    }

    private void wrong(String what) {
        if (wrong == null) {
            wrong = what;
        }
    }

    private void take(Entry entry) {
        switch (entry) {
            case Entry.Started started -> started(started.life());
            case Entry.Begun begun -> begun(begun.rule(), begun.told());
            case Entry.Done done -> done(done.rule(), done.told());
            case Entry.Failed failed -> failed(failed);
            case Entry.Storing storing -> passed(storing.position(), "stores");
            case Entry.Stored now -> stored = now.position();
            case Entry.Sampled sampled -> sampled(sampled.confirmed());
            case Entry.Stuck stuck -> wrong("the source is stuck: " + stuck.sentence());
            case Entry.Ended ended -> ended(ended);
            case Entry.Left left -> left(left.confirmed());
        }
    }

    private void started(int number) {
        life = number;
        storedAtStart = stored;
        again.clear();
        for (List<KeyOrder.Item> all : items.values()) {
            all.forEach(item -> item.doneInThisLife = false);
        }
    }

    private void ended(Entry.Ended ended) {
        orders.values().forEach(KeyOrder::stopAll);
        if (again.size() > ended.breaks()) {
            wrong(
                    "transactions %s came again within a process whose stream broke %d times"
                            .formatted(again, ended.breaks()));
        }
        doneInOrder.clear();
        if (ended.clean()) {
            places.values().forEach(doneInOrder::add);
            items.values()
                    .forEach(all ->
                            all.stream()
                                    .filter(item -> !item.doneInThisLife)
                                    .forEach(item -> doneInOrder.remove(item.place)));
        }
    }

    private void left(Lsn position) {
        if (stored != null && stored.isAfter(position)) {
            wrong(
                    "left in order, but the server was told %s and not %s"
                            .formatted(position, stored));
        }
    }

    private KeyOrder.@Nullable Item find(String rule, Told told) {
        Integer place = places.get(told.xid());
        if (place == null) {
            wrong("rule " + rule + " was told what was never committed: " + told);
            return null;
        }
        return order(rule).find(place, told.ordinal());
    }

    private void begun(String rule, Told told) {
        KeyOrder.Item item = find(rule, told);
        if (item == null) {
            wrong("rule " + rule + " was told of a change that there was not: " + told);
            return;
        }
        Truth.Committed transaction = truth.transactions().get(item.place);
        if (!item.fact.equals(told.fact())) {
            wrong("rule " + rule + " was told " + told + " of " + describe(item));
        }
        if (!transaction.commit().equals(told.commit())) {
            wrong("told to be committed at " + told.commit() + ": " + describe(item));
        }
        if (storedAtStart != null && storedAtStart.isAfter(transaction.commit())) {
            wrong("came again, though " + storedAtStart + " was stored: " + describe(item));
        }
        if (doneInOrder.contains(item.place)) {
            wrong("came again after the orderly end of the process that did it: " + describe(item));
        }
        if (item.doneInThisLife) {
            var _ = again.add(transaction.xid());
        }
        String conflict = order(rule).begin(item);
        if (conflict != null) {
            wrong("rule %s: %s: %s".formatted(rule, conflict, describe(item)));
        }
    }

    private void done(String rule, Told told) {
        KeyOrder.Item item = find(rule, told);
        if (item != null) {
            order(rule).end(item);
            item.doneInThisLife = true;
            if (!item.done) {
                item.done = true;
                open[item.place]--;
                passDone();
            }
            remember(rule, told);
        }
    }

    private void failed(Entry.Failed failed) {
        KeyOrder.Item item = find(failed.rule(), failed.told());
        if (item != null) {
            order(failed.rule()).end(item);
            if (failed.after()) {
                remember(failed.rule(), failed.told());
            }
        }
    }

    private void remember(String rule, Told told) {
        if (rule.equals("all")) {
            image.apply(told.fact());
        }
    }

    private void passDone() {
        while (firstOpen < open.length && open[firstOpen] == 0) {
            firstOpen++;
        }
    }

    private void sampled(Lsn position) {
        passed(position, "confirmed");
        if (position.isAfter(confirmed) && (stored == null || position.isAfter(stored))) {
            wrong("the server was told " + position + ", stored is " + stored);
        }
        confirmed = position;
    }

    private void passed(Lsn position, String how) {
        if (firstOpen < open.length) {
            Truth.Committed first = truth.transactions().get(firstOpen);
            if (position.isAfter(first.commit())) {
                wrong(
                        "%s is %s, but transaction %d, committed at %s, is not done"
                                .formatted(how, position, first.xid(), first.commit()));
            }
        }
    }
}
