@NullMarked
package dev.walmonitor.sink.teams;

import org.jspecify.annotations.NullMarked;
