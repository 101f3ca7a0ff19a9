@NullMarked
package dev.walmonitor.source.postgres.spill;

import org.jspecify.annotations.NullMarked;
