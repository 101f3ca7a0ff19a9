/**
 * Transactions that the server sends while they are in progress, in files until they commit. Knows
 * neither connection nor messages.
 */
@NullMarked
package dev.walmonitor.source.postgres.spill;

import org.jspecify.annotations.NullMarked;
