/** What is done about a change: the contract of handlers, and one leaf package an action. */
@NullMarked
package dev.walmonitor.handler;

import org.jspecify.annotations.NullMarked;
