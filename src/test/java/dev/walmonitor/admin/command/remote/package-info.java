/** Tests of the commands that ask the running service. */
@NullMarked
package dev.walmonitor.admin.command.remote;

import org.jspecify.annotations.NullMarked;
