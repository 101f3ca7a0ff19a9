/** What commands write for a person, and ask him. */
@NullMarked
package dev.walmonitor.admin.command.terminal;

import org.jspecify.annotations.NullMarked;
