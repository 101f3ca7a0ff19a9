/**
 * The binary (send) form of PostgreSQL's data types, written as the text that the server itself
 * would print. Pure; knows neither connection nor messages.
 */
@NullMarked
package dev.walmonitor.source.postgres.types;

import org.jspecify.annotations.NullMarked;
