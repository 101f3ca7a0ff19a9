/** Messages to Slack, through an incoming webhook or a bot. */
@NullMarked
package dev.walmonitor.sink.slack;

import org.jspecify.annotations.NullMarked;
