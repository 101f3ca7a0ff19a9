/** The action {@code sql}: a statement in another database, once for each change. */
@NullMarked
package dev.walmonitor.handler.sql;

import org.jspecify.annotations.NullMarked;
