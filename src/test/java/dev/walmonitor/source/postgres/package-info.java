@NullMarked
package dev.walmonitor.source.postgres;

import org.jspecify.annotations.NullMarked;
