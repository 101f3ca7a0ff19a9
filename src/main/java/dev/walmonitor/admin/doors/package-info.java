/** Who comes in by HTTP: credentials, roles, limits. */
@NullMarked
package dev.walmonitor.admin.doors;

import org.jspecify.annotations.NullMarked;
