/** The action {@code notify}: messages to people about what changed. */
@NullMarked
package dev.walmonitor.handler.notify;

import org.jspecify.annotations.NullMarked;
