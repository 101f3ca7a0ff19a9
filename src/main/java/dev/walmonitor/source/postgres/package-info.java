/**
 * PostgreSQL as a source, by logical replication. Byte buffers do not leave this package and those
 * below it.
 */
@NullMarked
package dev.walmonitor.source.postgres;

import org.jspecify.annotations.NullMarked;
