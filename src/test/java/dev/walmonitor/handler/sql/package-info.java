@NullMarked
package dev.walmonitor.handler.sql;

import org.jspecify.annotations.NullMarked;
