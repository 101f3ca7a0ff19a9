package dev.walmonitor.handler;

import dev.walmonitor.change.RowChange;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What handlers answered about changes that were archived. One bean; found by its type. May be
 * called from any thread. Every failure is a {@link dev.walmonitor.sink.SinkException}.
 */
public interface Results {

    /**
     * What a rule did about a change.
     *
     * @param at when it was done
     * @param sinceCommit from the commit, by the database's clock, to then
     * @param replayed whether an operator wanted it once more
     */
    record Effect(
            String rule,
            HandlerResult result,
            Instant at,
            Duration sinceCommit,
            boolean replayed) {}

    /** What was done about changes of one source, in the order in which it was done. */
    Uni<Map<ChangeArchive.Place, List<Effect>>> of(String source, List<RowChange> changes);
}
