/** Rules as data: which changes, and what is common to all actions. Checked whole at start-up. */
@NullMarked
package dev.walmonitor.rule;

import org.jspecify.annotations.NullMarked;
