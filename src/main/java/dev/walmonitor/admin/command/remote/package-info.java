/**
 * The commands that ask the running service by HTTP: they need no configuration, and start fast.
 */
@NullMarked
package dev.walmonitor.admin.command.remote;

import org.jspecify.annotations.NullMarked;
