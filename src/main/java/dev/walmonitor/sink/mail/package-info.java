/** Messages by e-mail. */
@NullMarked
package dev.walmonitor.sink.mail;

import org.jspecify.annotations.NullMarked;
