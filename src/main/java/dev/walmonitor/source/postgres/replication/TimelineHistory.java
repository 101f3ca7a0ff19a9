package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.WireConnection;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Where a server's timeline left its ancestors: the file that a promotion writes, a line a switch
 * of timeline, {@code parent TAB position TAB reason}.
 */
final class TimelineHistory {

    private TimelineHistory() {}

    /**
     * Where the timeline left {@code ancestor}; null if it does not descend from it, or the server
     * has no such file any more.
     */
    static Future<@Nullable Lsn> branch(WireConnection connection, long timeline, long ancestor) {
        return connection
                .query("TIMELINE_HISTORY " + timeline)
                .map(result -> branch(text(result), ancestor))
                .otherwise((Lsn) null);
    }

    private static String text(QueryResult result) {
        String content = String.valueOf(result.value(0, "content"));
        return content.startsWith("\\x")
                ? new String(HexFormat.of().parseHex(content.substring(2)), StandardCharsets.UTF_8)
                : content;
    }

    static @Nullable Lsn branch(String history, long ancestor) {
        for (String line : history.split("\n")) {
            String[] parts = line.strip().split("\\s+", 3);
            if (parts.length >= 2 && parts[0].equals(Long.toString(ancestor))) {
                return Lsn.parse(parts[1]);
            }
        }
        return null;
    }
}
