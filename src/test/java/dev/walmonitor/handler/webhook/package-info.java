@NullMarked
package dev.walmonitor.handler.webhook;

import org.jspecify.annotations.NullMarked;
