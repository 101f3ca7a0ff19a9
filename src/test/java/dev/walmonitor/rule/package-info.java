/** Rules without a database, and the sample table that tests of handlers share. */
@NullMarked
package dev.walmonitor.rule;

import org.jspecify.annotations.NullMarked;
