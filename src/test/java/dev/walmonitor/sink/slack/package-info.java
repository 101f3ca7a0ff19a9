@NullMarked
package dev.walmonitor.sink.slack;

import org.jspecify.annotations.NullMarked;
