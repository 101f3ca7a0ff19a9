package dev.walmonitor.source;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Position;

/**
 * How far a source was done, in which log.
 *
 * @param watermark everything before it is done by every rule
 */
public record Checkpoint(LogIdentity log, Position watermark) {}
