/** Requests to addresses that rules name, and to no other place than those. */
@NullMarked
package dev.walmonitor.sink.http;

import org.jspecify.annotations.NullMarked;
