/** Tests of rows as JSON. */
@NullMarked
package dev.walmonitor.handler.json;

import org.jspecify.annotations.NullMarked;
