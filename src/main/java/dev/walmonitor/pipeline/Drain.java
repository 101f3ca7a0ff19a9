package dev.walmonitor.pipeline;

import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.pipeline.ParkedChange.Place;
import dev.walmonitor.source.Backoff;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Does what one rule has parked, in its order and a page at a time. Owned by the pipeline's loop.
 *
 * <p>A pass goes through everything that waits, from the oldest on. What is not due yet, or fails,
 * is left, and so is everything behind it that shares a key with it. A pass in which nothing
 * succeeds ends at once, and the next one tries a single change: a rule whose other end is down
 * knocks at its door and does not hammer on it.
 */
final class Drain {
    private static final Logger LOG = Logger.getLogger(Drain.class);
    private static final int PAGE = 500;
    private static final long BYTES = 4L << 20;
    private static final Duration BETWEEN = Duration.ofMillis(500);
    private static final Duration AGAIN = Duration.ofSeconds(1);

    /** What is drained. */
    interface Rule {

        String source();

        String name();

        /** Whether what is parked may be done now. */
        boolean mayDrain();

        /** Does the rule's work for one change. */
        Uni<HandlerResult> attempt(ParkedChange change);

        /** A change that was parked is done. */
        void drained(ParkedChange change, HandlerResult result);

        /**
         * A change that was parked has failed once more.
         *
         * @return what is to be remembered of it; null if it is to be forgotten
         */
        @Nullable ParkedChange failed(ParkedChange change, Throwable failure);

        /** What is kept of some changes has changed. */
        void settled();

        /** Nothing waits any more. */
        void emptied();
    }

    private static final class Entry extends Lanes.Entry {
        private final ParkedChange change;
        private final List<Long> keys;

        private Entry(ParkedChange change, List<Long> keys, long lanes) {
            super(lanes);
            this.change = change;
            this.keys = keys;
        }
    }

    private final Rule rule;
    private final Parking parking;
    private final ParkingStore store;
    private final Loop loop;
    private final InstantSource clock;
    private final Backoff backoff;
    private final Lanes<Entry> lanes;

    private boolean running;
    private boolean stopped;
    private long timers;
    private @Nullable Instant alarm;
    private Instant notBefore = Instant.MIN;
    private int failedPasses;
    private int tries = PAGE;

    // of the pass that runs
    private final Keys blocked = new Keys();
    private final Map<Long, Long> shapes = new HashMap<>();
    private @Nullable Place cursor;
    private @Nullable Instant nextDue;
    private long left;
    private boolean added;
    private int open;
    private final List<ParkedChange> done = new ArrayList<>();
    private final List<ParkedChange> failed = new ArrayList<>();

    Drain(
            Rule rule,
            Parking parking,
            ParkingStore store,
            int laneCount,
            Loop loop,
            InstantSource clock,
            Backoff backoff) {
        this.rule = rule;
        this.parking = parking;
        this.store = store;
        this.loop = loop;
        this.clock = clock;
        this.backoff = backoff;
        this.lanes = new Lanes<>(laneCount, this::run);
    }

    /**
     * Something was parked.
     *
     * @param late whether the pass that runs may have gone by its place already
     */
    void added(ParkedChange change, boolean late) {
        added = true;
        if (late && running) {
            blocked.addAll(change.keys());
        }
        wakeAt(change.due());
    }

    /** Nothing more is begun. */
    void stop() {
        stopped = true;
    }

    /** Something has changed by which more can be done; does not wait for what has failed. */
    void wake() {
        failedPasses = 0;
        tries = PAGE;
        notBefore = Instant.MIN;
        wakeAt(clock.instant());
    }

    /** Looks whether there is something to do. */
    void look() {
        wakeAt(clock.instant());
    }

    /** Looks whether there is something to do, no sooner than the moment. */
    private void wakeAt(Instant wanted) {
        Instant at = wanted.isBefore(notBefore) ? notBefore : wanted;
        if (running || stopped || (alarm != null && !at.isBefore(alarm))) {
            return;
        }
        long mine = ++timers;
        Duration delay = Duration.between(clock.instant(), at);
        if (!delay.isPositive()) {
            alarm = null;
            begin();
            return;
        }
        alarm = at;
        loop.schedule(
                delay,
                () -> {
                    if (timers == mine) {
                        alarm = null;
                        begin();
                    }
                });
    }

    /** Whoever keeps it from draining calls {@link #wake} when that is over. */
    private void begin() {
        if (running || stopped || parking.isEmpty() || !rule.mayDrain()) {
            return;
        }
        running = true;
        blocked.clear();
        shapes.clear();
        cursor = null;
        nextDue = null;
        left = 0;
        added = false;
        page();
    }

    private void page() {
        if (stopped || !rule.mayDrain()) {
            running = false;
            return;
        }
        Place after = cursor;
        Uni.createFrom()
                .deferred(() -> store.page(rule.source(), rule.name(), after, PAGE, BYTES))
                .subscribe()
                .with(
                        rows -> loop.execute(() -> take(rows)),
                        failure -> loop.execute(() -> unreadable(failure)));
    }

    private void unreadable(Throwable failure) {
        LOG.debugf(
                "Source %s: what rule %s has parked cannot be read: %s",
                rule.source(), rule.name(), RuleRunner.describe(failure));
        running = false;
        wakeAt(clock.instant().plus(AGAIN));
    }

    private void take(List<ParkedChange> rows) {
        if (rows.isEmpty()) {
            endOfAll();
            return;
        }
        Instant now = clock.instant();
        int tried = 0;
        open = 1;
        for (ParkedChange row : rows) {
            if (tried == tries || stopped) {
                break;
            }
            cursor = row.place();
            List<Long> keys = keysOf(row);
            if (isBlocked(keys) || parking.isOnTheWay(row)) {
                leave(keys, null);
            } else if (row.due().isAfter(now)) {
                leave(keys, row.due());
            } else {
                tried++;
                open++;
                lanes.submit(new Entry(row, keys, lanesOf(keys)));
            }
        }
        closed();
    }

    /** A change in another shape of its table than the one before waits for all of the table. */
    private List<Long> keysOf(ParkedChange change) {
        if (change.keys().isEmpty()) {
            return change.keys();
        }
        long shape = change.shape();
        Long before = shapes.put(Keys.table(shape), shape);
        return before == null || before == shape ? change.keys() : List.of(Keys.table(shape));
    }

    private long lanesOf(List<Long> keys) {
        long some = 0;
        for (long key : keys) {
            some |= Keys.isWholeTable(key) ? lanes.all() : lanes.lane(Long.hashCode(key));
        }
        return some;
    }

    private boolean isBlocked(List<Long> keys) {
        return blocked.hold(keys) || parking.late().hold(keys);
    }

    private void leave(List<Long> keys, @Nullable Instant due) {
        left++;
        blocked.addAll(keys);
        if (due != null && (nextDue == null || due.isBefore(nextDue))) {
            nextDue = due;
        }
    }

    private void run(Entry entry) {
        if (isBlocked(entry.keys) || stopped || !rule.mayDrain()) {
            leave(entry.keys, null);
            finished(entry);
            return;
        }
        Uni.createFrom()
                .deferred(() -> rule.attempt(entry.change))
                .subscribe()
                .with(
                        result -> loop.execute(() -> succeeded(entry, result)),
                        failure -> loop.execute(() -> refused(entry, failure)));
    }

    private void succeeded(Entry entry, @Nullable HandlerResult result) {
        done.add(entry.change);
        rule.drained(entry.change, result == null ? HandlerResult.NONE : result);
        finished(entry);
    }

    private void refused(Entry entry, Throwable failure) {
        ParkedChange after = rule.failed(entry.change, failure);
        if (after == null) {
            done.add(entry.change);
        } else {
            failed.add(after);
            if (!after.dead()) {
                leave(entry.keys, after.due());
            }
        }
        finished(entry);
    }

    private void finished(Entry entry) {
        lanes.finished(entry);
        closed();
    }

    private void closed() {
        open--;
        if (open > 0) {
            return;
        }
        if (done.isEmpty() && failed.isEmpty()) {
            page();
        } else {
            List<ParkedChange> finished = List.copyOf(done);
            List<ParkedChange> refused = List.copyOf(failed);
            done.clear();
            failed.clear();
            settle(finished, refused);
        }
    }

    private void settle(List<ParkedChange> finished, List<ParkedChange> refused) {
        Uni.createFrom()
                .deferred(() -> store.settle(finished, refused))
                .subscribe()
                .with(
                        ok -> loop.execute(() -> settled(finished, refused)),
                        failure -> loop.schedule(AGAIN, () -> settleAgain(finished, refused)));
    }

    private void settleAgain(List<ParkedChange> finished, List<ParkedChange> refused) {
        if (!stopped) {
            settle(finished, refused);
        }
    }

    private void settled(List<ParkedChange> finished, List<ParkedChange> refused) {
        List<ParkedChange> given = refused.stream().filter(ParkedChange::dead).toList();
        parking.remove(finished);
        parking.remove(given);
        given.forEach(parking::died);
        rule.settled();
        if (left == 0 && cursor != null) {
            parking.cleared(cursor);
        }
        if (finished.isEmpty() && given.isEmpty()) {
            giveWay();
        } else {
            failedPasses = 0;
            tries = Math.min(PAGE, tries * 2);
            page();
        }
    }

    /** Nothing of what was tried could be done. */
    private void giveWay() {
        failedPasses++;
        tries = 1;
        running = false;
        notBefore = clock.instant().plus(backoff.after(failedPasses));
        wakeAt(notBefore);
    }

    private void endOfAll() {
        running = false;
        boolean all = !added && !parking.isOnTheWay();
        if (all) {
            parking.counted(left);
        } else if (parking.isEmpty() && !parking.isOnTheWay()) {
            parking.counted(0);
        }
        notBefore = clock.instant().plus(BETWEEN);
        if (parking.isEmpty()) {
            notBefore = Instant.MIN;
            rule.emptied();
        } else if (!all) {
            wakeAt(clock.instant());
        } else if (nextDue != null) {
            wakeAt(nextDue);
        } else {
            wakeAt(clock.instant().plus(AGAIN));
        }
    }
}
