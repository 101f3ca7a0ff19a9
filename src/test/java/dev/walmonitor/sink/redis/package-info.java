@NullMarked
package dev.walmonitor.sink.redis;

import org.jspecify.annotations.NullMarked;
