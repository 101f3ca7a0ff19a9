@NullMarked
package dev.walmonitor.handler.archive;

import org.jspecify.annotations.NullMarked;
