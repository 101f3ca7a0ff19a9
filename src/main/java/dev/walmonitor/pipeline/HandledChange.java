package dev.walmonitor.pipeline;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import java.time.Duration;

/**
 * A rule has done its work for a change.
 *
 * @param sinceCommit from the commit, by the database's clock, to the end of the handler
 */
public record HandledChange(
        String rule, RowChange change, HandlerResult result, Duration sinceCommit) {}
