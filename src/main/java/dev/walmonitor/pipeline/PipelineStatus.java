package dev.walmonitor.pipeline;

import dev.walmonitor.change.Position;
import dev.walmonitor.source.SourceStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One source and what became of its changes, at one moment.
 *
 * @param watermark everything before it is done by every rule; null before the stream first began
 * @param inFlight changes that were routed and are not done, counted once a rule
 * @param oldest how long the oldest transaction that is not done has been waiting; zero if none is
 */
public record PipelineStatus(
        SourceStatus source, @Nullable Position watermark, int inFlight, Duration oldest) {}
