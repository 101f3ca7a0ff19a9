/** Debezium's embedded engine, to be measured beside the service. */
@NullMarked
package dev.walmonitor.bench.debezium;

import org.jspecify.annotations.NullMarked;
