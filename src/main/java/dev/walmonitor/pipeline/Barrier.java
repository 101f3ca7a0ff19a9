package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one who wants to read what rules have made of a write: whether they have applied
 * everything that was committed up to some place in the log.
 */
public sealed interface Barrier {

    /** Every rule that was asked for has done its work for everything up to the place. */
    record Applied(Position place) implements Barrier {}

    /**
     * The time was up.
     *
     * @param received how far the stream has been taken in; null if it has not begun
     * @param state of the source; if something is wrong with it, {@code failure} says what
     * @param rules those that were asked for, as far as they are not there yet
     */
    record Behind(
            Position place,
            @Nullable Position received,
            SourceState state,
            @Nullable SourceFailure failure,
            List<Standing> rules)
            implements Barrier {}

    /**
     * Waiting will not help: a rule is paused, or has parked or given up something at or before the
     * place.
     *
     * @param rules those of which this is so
     */
    record Blocked(Position place, List<Standing> rules) implements Barrier {}

    /**
     * Another instance reads the source, or none does: what rules have done is not known here.
     *
     * @param state null if the source is not started yet
     */
    record Elsewhere(@Nullable SourceState state) implements Barrier {}

    /** The source could not tell where its log ends now. */
    record NoPlace(String why) implements Barrier {}

    /** The source has no rule of that name; it has these. */
    record NoRule(List<String> known) implements Barrier {}

    /**
     * What holds a rule up.
     *
     * @param oldest the commit of the oldest change that is not done; null if none is open
     * @param failures how often that change has failed
     * @param filling whether the rule is making all its values anew
     * @param parked how many changes wait in the monitor database
     * @param dead how many were given up
     * @param paused why the rule does nothing; null if it does
     */
    record Standing(
            String rule,
            @Nullable Position oldest,
            int failures,
            boolean filling,
            long parked,
            long dead,
            @Nullable String paused) {}
}
