package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.postgres.wire.QueryResult;
import io.vertx.core.Future;

/** Something that answers SQL: the stream's connection before it streams, or the one beside it. */
@FunctionalInterface
interface Database {

    Future<QueryResult> query(String sql);
}
