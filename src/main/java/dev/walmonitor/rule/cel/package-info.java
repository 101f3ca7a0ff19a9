/** Expressions in CEL over the columns of a change: parsed and checked once, asked per change. */
@NullMarked
package dev.walmonitor.rule.cel;

import org.jspecify.annotations.NullMarked;
