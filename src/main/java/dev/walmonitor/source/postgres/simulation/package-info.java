/** Changes in somebody's tables such as an application would make, for trying rules. */
@NullMarked
package dev.walmonitor.source.postgres.simulation;

import org.jspecify.annotations.NullMarked;
