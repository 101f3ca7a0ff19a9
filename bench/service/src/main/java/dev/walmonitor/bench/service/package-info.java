/** The service as a consumer that is measured: everything but what a handler would do. */
@NullMarked
package dev.walmonitor.bench.service;

import org.jspecify.annotations.NullMarked;
