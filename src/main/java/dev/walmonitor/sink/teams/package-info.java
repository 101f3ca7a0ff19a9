/** Messages to Microsoft Teams, through a workflow's webhook. */
@NullMarked
package dev.walmonitor.sink.teams;

import org.jspecify.annotations.NullMarked;
