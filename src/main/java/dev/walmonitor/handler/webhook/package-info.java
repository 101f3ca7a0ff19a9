/** The action {@code webhook}: each change is sent to somebody, signed, as an HTTP request. */
@NullMarked
package dev.walmonitor.handler.webhook;

import org.jspecify.annotations.NullMarked;
