/** Spans of what becomes of each change, sent to an OpenTelemetry collector where one is named. */
@NullMarked
package dev.walmonitor.tracing;

import org.jspecify.annotations.NullMarked;
