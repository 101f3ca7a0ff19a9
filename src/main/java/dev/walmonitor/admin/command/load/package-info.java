/** The load test: changes at a steady rate, and what became of them. */
@NullMarked
package dev.walmonitor.admin.command.load;

import org.jspecify.annotations.NullMarked;
