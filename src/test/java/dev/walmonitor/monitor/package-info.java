@NullMarked
package dev.walmonitor.monitor;

import org.jspecify.annotations.NullMarked;
