/** What a consumer of the log needs to be measured, and the two barest of them. */
@NullMarked
package dev.walmonitor.bench.consumer;

import org.jspecify.annotations.NullMarked;
