package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.Consent;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceProfile;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The running pipelines, one a source. May be asked from any thread. */
public interface Pipelines {

    /**
     * The configured sources, known before the application's start is announced, and the same to
     * its end.
     */
    List<SourceProfile> sources();

    /** Of the sources that have been started so far. */
    List<PipelineStatus> statuses();

    /**
     * Emits whenever a source enters another state or fails another way; never ends; may be
     * subscribed to at any time.
     */
    Multi<PipelineStatus> changes();

    /** Fails with an {@link IllegalArgumentException} if there is no source of that name. */
    Uni<LogGauges> gauges(String source);

    /** How every rule of the running sources stands. */
    List<RuleStanding> rules();

    /**
     * Lets a rule do nothing; its changes are parked. It stays so over restarts.
     *
     * @param why for people
     * @return false if no such rule runs here
     */
    boolean pause(String source, String rule, String why);

    /**
     * Lets a paused rule go on, with what is parked first.
     *
     * @return false if no such rule runs here
     */
    boolean resume(String source, String rule);

    /**
     * Reads nothing more of a source until it is told to go on, or the process ends; what was read
     * is handled. The database keeps its log meanwhile.
     *
     * @param why for people
     * @return false if no such source has been started here
     */
    boolean pauseSource(String source, String why);

    /**
     * Reads on where it was paused.
     *
     * @return false if no such source has been started here
     */
    boolean resumeSource(String source);

    /**
     * The transaction that a source cannot read past; null if none is known.
     *
     * @param source by name; one that has not been started has none
     */
    @Nullable Blocked blocked(String source);

    /** See {@link dev.walmonitor.source.ChangeSource#skip}. */
    Uni<Consent> skip(String source, @Nullable Long xid, @Nullable Position commit);

    /** See {@link dev.walmonitor.source.ChangeSource#reset}. */
    Uni<Consent> reset(String source, String why);

    /**
     * Tells the database soon how far everything is done; without hurry progress in which nobody
     * had work is told now and then only. Nothing if no such source has been started here.
     */
    void hurry(String source);

    /** See {@link dev.walmonitor.source.ChangeSource#giveUp}. */
    Uni<Consent> giveUp(String source, String why);

    /**
     * Says that somebody else has changed what a rule has parked.
     *
     * @return false if no such rule runs here
     */
    boolean parkedChanged(String source, String rule);

    /**
     * Lets a rule do changes of its source once more, in their order, and says so with each ({@link
     * dev.walmonitor.change.Delivery#REPLAY}). Whether they are the rule's business was seen to.
     * Completes when they are parked durably; from then on they are treated as whatever is parked.
     * Fails if they cannot be parked, or with an {@link IllegalArgumentException} if no such rule
     * runs here.
     */
    Uni<Void> replay(String source, String rule, List<RowChange> changes);

    /**
     * What handlers have answered, as they answer; those that have nothing to tell are left out.
     * See {@link #handled}, which tells of which change too.
     */
    default Multi<HandlerResult> results() {
        return handled().map(HandledChange::result);
    }

    /**
     * Each change that a handler has done, as it is done; nothing is kept for those who subscribe
     * late.
     */
    Multi<HandledChange> handled();

    /**
     * Answers when rules have applied everything that was committed up to a place, or when they
     * have not in time. Fails with an {@link IllegalArgumentException} if there is no source of
     * that name.
     *
     * @param place null for the end of the log at this moment
     * @param rule null for every cache rule of the source
     */
    Uni<Barrier> barrier(
            String source, @Nullable Position place, @Nullable String rule, Duration atMost);
}
