@NullMarked
package dev.walmonitor.source.postgres.replication;

import org.jspecify.annotations.NullMarked;
