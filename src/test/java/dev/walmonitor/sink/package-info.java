@NullMarked
package dev.walmonitor.sink;

import org.jspecify.annotations.NullMarked;
