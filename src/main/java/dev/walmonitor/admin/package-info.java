/** The doors: REST. */
@NullMarked
package dev.walmonitor.admin;

import org.jspecify.annotations.NullMarked;
