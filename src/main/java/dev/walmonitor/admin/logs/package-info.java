/** What the log says beside its sentences. */
@NullMarked
package dev.walmonitor.admin.logs;

import org.jspecify.annotations.NullMarked;
