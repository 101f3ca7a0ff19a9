@NullMarked
package dev.walmonitor.handler;

import org.jspecify.annotations.NullMarked;
