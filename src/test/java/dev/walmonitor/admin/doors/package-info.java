@NullMarked
package dev.walmonitor.admin.doors;

import org.jspecify.annotations.NullMarked;
