/** Messages to Slack, through an incoming webhook. */
@NullMarked
package dev.walmonitor.sink.slack;

import org.jspecify.annotations.NullMarked;
