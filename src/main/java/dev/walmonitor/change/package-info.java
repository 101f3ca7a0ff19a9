/**
 * The one shared vocabulary: what happened to which row of which table, and where in the log.
 * Imports nothing.
 */
@NullMarked
package dev.walmonitor.change;

import org.jspecify.annotations.NullMarked;
