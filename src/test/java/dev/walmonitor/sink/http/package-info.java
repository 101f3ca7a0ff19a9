@NullMarked
package dev.walmonitor.sink.http;

import org.jspecify.annotations.NullMarked;
