/** What the probes are told, on the management port. */
@NullMarked
package dev.walmonitor.admin.health;

import org.jspecify.annotations.NullMarked;
