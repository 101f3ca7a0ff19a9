/** The action {@code cache}: keys in Redis that are always as a query says. */
@NullMarked
package dev.walmonitor.handler.cache;

import org.jspecify.annotations.NullMarked;
