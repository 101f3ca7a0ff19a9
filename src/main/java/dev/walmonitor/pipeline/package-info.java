/**
 * From a source to the handlers: routing, lanes by key, retries, and the low watermark that is
 * confirmed.
 */
@NullMarked
package dev.walmonitor.pipeline;

import org.jspecify.annotations.NullMarked;
