@NullMarked
package dev.walmonitor.handler.cache;

import org.jspecify.annotations.NullMarked;
