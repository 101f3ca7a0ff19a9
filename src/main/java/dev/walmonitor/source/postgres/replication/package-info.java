/** One replication connection: its states, slot and publication, what is confirmed, and demand. */
@NullMarked
package dev.walmonitor.source.postgres.replication;

import org.jspecify.annotations.NullMarked;
