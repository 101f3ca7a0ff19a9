/**
 * A real PostgreSQL and a real Redis for dev and test, started by us from binaries on the class
 * path. Never packaged.
 */
@NullMarked
package dev.walmonitor.embedded;

import org.jspecify.annotations.NullMarked;
