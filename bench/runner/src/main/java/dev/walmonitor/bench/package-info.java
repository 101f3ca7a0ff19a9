/** Runs consumers of one log side by side, measures each from outside, and writes the tables. */
@NullMarked
package dev.walmonitor.bench;

import org.jspecify.annotations.NullMarked;
