/** Tests of budgets. */
@NullMarked
package dev.walmonitor.monitor.budget;

import org.jspecify.annotations.NullMarked;
