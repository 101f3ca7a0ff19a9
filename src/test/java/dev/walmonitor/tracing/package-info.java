/** Spans, as they are sent. */
@NullMarked
package dev.walmonitor.tracing;

import org.jspecify.annotations.NullMarked;
