package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.postgres.wire.QueryResult;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Keeps the statements that change something, and runs them only if it is no rehearsal. Owned by
 * one caller, who asks one thing after the other.
 */
final class Rehearsal implements Database {
    private final Database database;
    private final boolean dry;
    private List<String> changes = new ArrayList<>();

    Rehearsal(Database database, boolean dry) {
        this.database = database;
        this.dry = dry;
    }

    @Override
    public Future<QueryResult> query(String sql) {
        String start = sql.stripLeading().toLowerCase(Locale.ROOT);
        return start.startsWith("select") || start.startsWith("with")
                ? database.query(sql)
                : change(sql);
    }

    /** A statement that changes something, whatever it looks like. */
    Future<QueryResult> change(String sql) {
        changes.add(sql);
        return dry
                ? Future.succeededFuture(new QueryResult(List.of(), List.of(), List.of()))
                : database.query(sql);
    }

    /** What was changed, or would have been, since the last time. */
    List<String> takeChanges() {
        List<String> taken = changes;
        changes = new ArrayList<>();
        return taken;
    }
}
