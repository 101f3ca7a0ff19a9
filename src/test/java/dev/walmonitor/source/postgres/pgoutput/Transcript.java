package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Begin;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.BeginPrepare;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Commit;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.CommitPrepared;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Delete;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.LogicalMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Origin;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Prepare;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.RelationMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.RollbackPrepared;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Skipped;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamAbort;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamCommit;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamPrepare;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamStart;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.StreamStop;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Truncate;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.TypeMessage;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Update;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Messages as lines that a test can compare: what is the same at each run, and nothing else. {@code
 * ~} is NULL, {@code -} absent; a column with a star belongs to the replica identity.
 */
final class Transcript {

    private Transcript() {}

    static List<String> of(List<PgOutputMessage> messages) {
        return messages.stream().map(Transcript::line).toList();
    }

    private static String line(PgOutputMessage message) {
        return switch (message) {
            case Begin _ -> "BEGIN";
            case Commit _ -> "COMMIT";
            case Origin o -> "ORIGIN " + o.name();
            case RelationMessage r -> "RELATION " + line(r.relation());
            case TypeMessage t -> "TYPE " + t.name();
            case Insert i -> "INSERT " + table(i.row()) + line(i.row());
            case Update u -> {
                Row before = u.before();
                String old = before == null ? "" : line(before) + " ->";
                yield "UPDATE " + table(u.after()) + old + line(u.after());
            }
            case Delete d -> "DELETE " + table(d.before()) + line(d.before());
            case Truncate t -> "TRUNCATE " + line(t);
            case Skipped s -> "SKIPPED " + s.changes();
            case LogicalMessage m ->
                    "MESSAGE "
                            + (m.transactional() ? "" : "alone ")
                            + m.prefix()
                            + " "
                            + new String(m.content(), StandardCharsets.UTF_8);
            case StreamStart s -> "STREAM START" + (s.first() ? " first" : "");
            case StreamStop _ -> "STREAM STOP";
            case StreamCommit _ -> "STREAM COMMIT";
            case StreamAbort a ->
                    "STREAM ABORT"
                            + (a.subXid() == a.xid() ? "" : " part")
                            + (a.lsn() == null ? "" : " parallel");
            case BeginPrepare b -> "BEGIN PREPARE " + b.gid();
            case Prepare p -> "PREPARE " + p.gid();
            case CommitPrepared c -> "COMMIT PREPARED " + c.gid();
            case RollbackPrepared r -> "ROLLBACK PREPARED " + r.gid();
            case StreamPrepare s -> "STREAM PREPARE " + s.gid();
        };
    }

    private static String table(Row row) {
        return row.relation().table() + ":";
    }

    private static String line(Relation relation) {
        String columns =
                relation.columns().stream().map(Transcript::line).collect(Collectors.joining(" "));
        return relation.table() + " " + relation.identity() + ": " + columns;
    }

    private static String line(Column column) {
        return column.name() + (column.identity() ? "*" : "");
    }

    private static String line(Row row) {
        return row.values().stream()
                .map(Transcript::line)
                .collect(Collectors.joining(" ", " ", ""));
    }

    private static String line(ColumnValue value) {
        return switch (value) {
            case ColumnValue.Text t when t.text().length() > 40 -> t.text().length() + "_letters";
            case ColumnValue.Text t -> t.text();
            case ColumnValue.Binary b -> "0x" + HexFormat.of().formatHex(b.bytes());
            case ColumnValue.Null _ -> "~";
            case ColumnValue.Absent _ -> "-";
        };
    }

    private static String line(Truncate truncate) {
        String tables =
                truncate.wanted().stream()
                        .map(t -> t.place() + "=" + t.relation().table())
                        .collect(Collectors.joining(" "));
        return tables
                + (truncate.cascade() ? " cascade" : "")
                + (truncate.restartIdentity() ? " restart" : "");
    }
}
