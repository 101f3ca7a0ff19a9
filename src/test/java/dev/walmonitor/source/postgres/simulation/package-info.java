/** Tests of the changes that are made for trying rules. */
@NullMarked
package dev.walmonitor.source.postgres.simulation;

import org.jspecify.annotations.NullMarked;
