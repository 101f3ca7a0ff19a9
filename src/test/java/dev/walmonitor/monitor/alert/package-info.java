/** Tests of alerts. */
@NullMarked
package dev.walmonitor.monitor.alert;

import org.jspecify.annotations.NullMarked;
