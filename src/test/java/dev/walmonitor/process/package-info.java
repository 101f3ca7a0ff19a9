/** The packaged service as a process of its own, against real servers that are killed. */
@NullMarked
package dev.walmonitor.process;

import org.jspecify.annotations.NullMarked;
