package dev.walmonitor.pipeline;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.pipeline.ParkedChange.Place;
import dev.walmonitor.pipeline.ParkingStore.Standing;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one rule has parked, as far as others have to know: whose keys are in it, so that what comes
 * later waits behind it. Owned by the pipeline's loop.
 *
 * <p>A rule that is paused or has fallen behind parks everything behind itself; so does one whose
 * parked keys are too many to be known.
 */
final class Parking {
    private static final int KEYS = 100_000;

    private final Keys keys = new Keys();
    private final Set<Long> shapes = new HashSet<>();
    private final Keys late = new Keys();
    private final Set<ParkedChange> lateOnes = Collections.newSetFromMap(new IdentityHashMap<>());
    private @Nullable Place latest;

    /** The last that was found in the store, until the log has been taken in up to it again. */
    private @Nullable Place found;

    private long parked;
    private final Map<Place, Integer> onTheWay = new HashMap<>();
    private long dead;
    private boolean everything;
    private @Nullable String paused;
    private @Nullable Place oldest;
    private @Nullable Place oldestDead;
    private long epoch;

    /**
     * What there is: in the store, and on its way to it.
     *
     * @param pausedByRule why the rule begins paused; null if it does not
     */
    void loaded(Standing standing, List<ParkedChange> waiting, @Nullable String pausedByRule) {
        keys.clear();
        everything |= standing.keys() == null;
        if (standing.keys() != null) {
            standing.keys().forEach(keys::add);
        }
        shapes.clear();
        shapes.addAll(standing.shapes());
        parked = standing.parked();
        dead = standing.dead();
        oldest = standing.oldest();
        oldestDead = standing.oldestDead();
        onTheWay.clear();
        latest = standing.latest();
        found = standing.latest();
        late.clear();
        lateOnes.clear();
        waiting.stream().filter(change -> !change.dead()).forEach(this::add);
        pause(standing.paused() == null ? pausedByRule : standing.paused());
    }

    /**
     * The log is followed from here. What was found behind that may have been parked before
     * something that stands before it and was not done yet: that is told again first.
     */
    void follow(LogIdentity log, Position from) {
        epoch = log.epoch();
        var _ = reached(from);
    }

    /** The log has been taken in up to here; answers whether more of it has to be told again. */
    boolean reached(Position place) {
        if (found != null && (found.epoch() < epoch || !found.commit().isAfter(place))) {
            found = null;
        }
        return found != null;
    }

    /** What was found is no further than the log has been taken in. */
    void caughtUp() {
        found = null;
    }

    /** Whether what was found has to wait for the log. */
    boolean isCatchingUp() {
        return found != null;
    }

    /** Whether nothing waits. */
    boolean isEmpty() {
        return parked == 0;
    }

    /** How many changes wait, about: several with one mark may be one. */
    long parked() {
        return parked;
    }

    long dead() {
        return dead;
    }

    /** Why the rule may do nothing; null if it may. */
    @Nullable String paused() {
        return paused;
    }

    /** Whether everything is parked from now on, until all of it is done. */
    boolean takesEverything() {
        return everything;
    }

    void takeEverything() {
        everything = true;
    }

    void pause(@Nullable String why) {
        paused = why;
        everything |= why != null;
    }

    /** Whether a change with these keys has to wait behind what is parked. */
    boolean holds(List<Long> of) {
        if (everything) {
            return true;
        }
        return parked > 0 && keys.hold(of);
    }

    /** Whether changes of the table were found that were parked when it had another shape. */
    boolean hasOtherShape(Relation relation) {
        long shape = Keys.ofShape(relation);
        return shapes.stream()
                .anyMatch(each -> each != shape && Keys.table(each) == Keys.table(shape));
    }

    /** Something of this shape waits, see {@link #hasOtherShape}. */
    void note(long shape) {
        shapes.add(shape);
    }

    /**
     * A change that waits is in the store.
     *
     * @return whether others were in the store before it that stand behind it in the log
     */
    boolean stored(ParkedChange change) {
        onTheWay.computeIfPresent(change.place(), (place, n) -> n == 1 ? null : n - 1);
        if (!lateOnes.remove(change)) {
            return false;
        }
        late.removeAll(change.keys());
        return true;
    }

    /** The keys of changes on their way before which nothing of these keys may be done. */
    Keys late() {
        return late;
    }

    /** Whether the change may be in the store without our knowing it, and be stored again. */
    boolean isOnTheWay(ParkedChange change) {
        return onTheWay.containsKey(change.place());
    }

    /** Whether something that waits is not in the store yet. */
    boolean isOnTheWay() {
        return !onTheWay.isEmpty();
    }

    /** A change waits from now on, and is on its way to the store. */
    void add(ParkedChange change) {
        parked++;
        onTheWay.merge(change.place(), 1, Integer::sum);
        if (latest != null && change.place().compareTo(latest) <= 0) {
            lateOnes.add(change);
            late.addAll(change.keys());
        } else {
            latest = change.place();
        }
        keys.addAll(change.keys());
        everything |= keys.size() > KEYS;
        oldest = earlier(oldest, change.place());
    }

    /** Changes wait no more. */
    void remove(Collection<ParkedChange> changes) {
        for (ParkedChange change : changes) {
            parked = Math.max(0, parked - 1);
            keys.removeAll(change.keys());
        }
    }

    /** A change was given up. */
    void died(ParkedChange change) {
        dead++;
        oldestDead = earlier(oldestDead, change.place());
    }

    /** Nothing before the place waits any more. */
    void cleared(Place upTo) {
        if (oldest != null && oldest.compareTo(upTo) < 0) {
            oldest = upTo;
        }
    }

    /** All that waits was looked at: so many are left. Nothing waits in memory alone. */
    void counted(long left) {
        parked = left;
        if (left == 0) {
            keys.clear();
            shapes.clear();
            oldest = null;
            latest = null;
            everything = paused != null;
        }
    }

    /**
     * Whether something at or before the place is not done: parked, given up, or not to be done.
     */
    boolean blocks(Position place) {
        return paused != null || isUpTo(oldest, place) || isUpTo(oldestDead, place);
    }

    private boolean isUpTo(@Nullable Place of, Position place) {
        return of != null && (of.epoch() < epoch || !of.commit().isAfter(place));
    }

    /** The commit of the oldest change that waits or was given up; zero if of an earlier log. */
    @Nullable Position oldest() {
        Place first = earlier(oldest, oldestDead);
        return first == null ? null : first.epoch() < epoch ? Lsn.ZERO : first.commit();
    }

    private static @Nullable Place earlier(@Nullable Place one, @Nullable Place other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.compareTo(other) <= 0 ? one : other;
    }
}
