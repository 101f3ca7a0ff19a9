/** The command line: the service itself, and commands that start nothing. */
@NullMarked
package dev.walmonitor.admin.command;

import org.jspecify.annotations.NullMarked;
