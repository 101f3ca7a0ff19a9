/** Reads of a database that a source watches. */
@NullMarked
package dev.walmonitor.sink.sql;

import org.jspecify.annotations.NullMarked;
