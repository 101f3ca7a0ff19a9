/**
 * The frontend/backend protocol 3.0 of PostgreSQL on a Vert.x socket: start-up, TLS,
 * authentication, simple queries and the two-way COPY that replication runs in. Knows nothing of
 * what the COPY carries.
 */
@NullMarked
package dev.walmonitor.source.postgres.wire;

import org.jspecify.annotations.NullMarked;
