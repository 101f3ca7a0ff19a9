/** Tests of conditions over a database. */
@NullMarked
package dev.walmonitor.handler.when;

import org.jspecify.annotations.NullMarked;
