/**
 * Logical decoding: the messages of PostgreSQL's {@code pgoutput} plugin, and the frames in which
 * they travel, as values. Pure; knows no connection.
 */
@NullMarked
package dev.walmonitor.source.postgres.pgoutput;

import org.jspecify.annotations.NullMarked;
