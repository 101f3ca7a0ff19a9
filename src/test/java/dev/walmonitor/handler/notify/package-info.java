@NullMarked
package dev.walmonitor.handler.notify;

import org.jspecify.annotations.NullMarked;
