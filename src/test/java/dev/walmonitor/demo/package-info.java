/** Tests of the demo. */
@NullMarked
package dev.walmonitor.demo;

import org.jspecify.annotations.NullMarked;
