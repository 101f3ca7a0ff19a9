/** The action {@code stream}: each change becomes an entry of a Redis Stream. */
@NullMarked
package dev.walmonitor.handler.stream;

import org.jspecify.annotations.NullMarked;
