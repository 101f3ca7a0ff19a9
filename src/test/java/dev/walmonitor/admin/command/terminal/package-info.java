/** Tests of what commands write for a person. */
@NullMarked
package dev.walmonitor.admin.command.terminal;

import org.jspecify.annotations.NullMarked;
