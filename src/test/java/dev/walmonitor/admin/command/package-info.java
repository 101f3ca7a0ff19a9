/** Tests of the command line. */
@NullMarked
package dev.walmonitor.admin.command;

import org.jspecify.annotations.NullMarked;
