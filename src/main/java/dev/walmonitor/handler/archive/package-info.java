/** The action {@code archive}: changes are kept, to be looked at and replayed later. */
@NullMarked
package dev.walmonitor.handler.archive;

import org.jspecify.annotations.NullMarked;
