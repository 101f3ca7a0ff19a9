/**
 * The first look, in dev only: a small help desk in the embedded database and a little traffic on
 * it. Delete the package and {@code resources/demo}, and nothing else changes.
 */
@NullMarked
package dev.walmonitor.demo;

import org.jspecify.annotations.NullMarked;
