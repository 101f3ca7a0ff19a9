/** The description of the API, where annotations of the endpoints do not reach. */
@NullMarked
package dev.walmonitor.admin.openapi;

import org.jspecify.annotations.NullMarked;
