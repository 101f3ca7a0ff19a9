/**
 * Builds of our own classes that are wrong on purpose, so that a checker can show what it finds.
 */
@NullMarked
package dev.walmonitor.planted;

import org.jspecify.annotations.NullMarked;
