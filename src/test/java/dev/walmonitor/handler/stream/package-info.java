@NullMarked
package dev.walmonitor.handler.stream;

import org.jspecify.annotations.NullMarked;
