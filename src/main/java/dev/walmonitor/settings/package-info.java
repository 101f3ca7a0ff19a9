/**
 * What people already have in their environment (URLs, a few names), translated to the settings of
 * the service.
 */
@NullMarked
package dev.walmonitor.settings;

import org.jspecify.annotations.NullMarked;
