/** Ports to what is outside, one package an adapter; here what all channels of messages share. */
@NullMarked
package dev.walmonitor.sink;

import org.jspecify.annotations.NullMarked;
