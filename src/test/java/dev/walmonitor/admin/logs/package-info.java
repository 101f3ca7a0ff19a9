@NullMarked
package dev.walmonitor.admin.logs;

import org.jspecify.annotations.NullMarked;
