@NullMarked
package dev.walmonitor.sink.mail;

import org.jspecify.annotations.NullMarked;
