/**
 * The budget of a replication slot: what is done, stage by stage, when the database keeps too much
 * log for it.
 */
@NullMarked
package dev.walmonitor.monitor.budget;

import org.jspecify.annotations.NullMarked;
