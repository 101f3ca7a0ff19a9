/** Tests of expressions. */
@NullMarked
package dev.walmonitor.rule.cel;

import org.jspecify.annotations.NullMarked;
