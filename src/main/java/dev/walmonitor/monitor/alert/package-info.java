/**
 * Alerts: what somebody should know of the sources, told once when it begins and once when it is
 * over.
 */
@NullMarked
package dev.walmonitor.monitor.alert;

import org.jspecify.annotations.NullMarked;
