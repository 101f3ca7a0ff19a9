@NullMarked
package dev.walmonitor.admin.health;

import org.jspecify.annotations.NullMarked;
