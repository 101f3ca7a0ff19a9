/**
 * The whole way of a change, from a real server through a bad network to handlers that fail, over
 * random transactions and faults, held against what another decoder says was committed.
 */
@NullMarked
package dev.walmonitor.checker;

import org.jspecify.annotations.NullMarked;
