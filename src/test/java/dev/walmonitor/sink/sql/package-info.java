@NullMarked
package dev.walmonitor.sink.sql;

import org.jspecify.annotations.NullMarked;
