/** Tests of the command line. */
@NullMarked
package dev.walmonitor.admin.command.load;

import org.jspecify.annotations.NullMarked;
