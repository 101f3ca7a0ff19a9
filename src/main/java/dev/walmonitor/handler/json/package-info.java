/** Rows of changes as JSON, byte for byte as PostgreSQL's {@code to_jsonb} writes them. */
@NullMarked
package dev.walmonitor.handler.json;

import org.jspecify.annotations.NullMarked;
