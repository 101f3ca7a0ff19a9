/** The conditions of rules, asked before an action; what the log did not send is read for them. */
@NullMarked
package dev.walmonitor.handler.when;

import org.jspecify.annotations.NullMarked;
