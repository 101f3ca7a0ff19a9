/** Messages as lines of our own log. */
@NullMarked
package dev.walmonitor.sink.log;

import org.jspecify.annotations.NullMarked;
