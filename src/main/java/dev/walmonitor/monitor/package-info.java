/** Our own tables: which sources there are, how far each has come, and what is wrong with it. */
@NullMarked
package dev.walmonitor.monitor;

import org.jspecify.annotations.NullMarked;
