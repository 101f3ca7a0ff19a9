package dev.walmonitor.change;

import java.util.List;

/**
 * The events of one read from the source, in order: the unit in which they travel, so that a
 * stage's cost is paid a batch and not a change.
 *
 * @param events not to be modified
 */
public record ChangeBatch(List<ChangeEvent> events) {}
