package dev.walmonitor.pipeline;

import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import java.time.Instant;

/**
 * That an operator has told a source to read nothing for now.
 *
 * @param why for people
 */
record Pause(Instant since, String why) {

    /**
     * What the source says, in the light of the pause: a stream that runs is paused, one that does
     * not has other worries.
     *
     * @param stream the state by the source's own word
     */
    SourceStatus over(SourceStatus judged, SourceState stream) {
        return stream == SourceState.STREAMING || stream == SourceState.STALLED
                ? judged.as(SourceState.PAUSED, since, failure(judged.source()))
                : judged;
    }

    private SourceFailure failure(String source) {
        return new SourceFailure(
                SourceState.PAUSED,
                "paused",
                "Reading is paused: " + why + ".",
                "The database keeps its log meanwhile. To go on: wal-monitor resume --source "
                        + source,
                Retry.NEVER);
    }
}
