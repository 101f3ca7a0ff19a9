/** The port to a database's log, and the failures of a source, each with its remedy. */
@NullMarked
package dev.walmonitor.source;

import org.jspecify.annotations.NullMarked;
