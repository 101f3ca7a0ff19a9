package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.postgres.wire.Sql;

/**
 * What the server's plugin is asked for, as the options want it and the server's version allows.
 * Owned by the source's event loop; lives as long as the source.
 */
final class StreamRequest {
    private static final int ORIGIN_SINCE = 160_000;

    private final SlotOptions options;
    private boolean streaming;

    StreamRequest(SlotOptions options) {
        this.options = options;
        this.streaming = options.stream().streaming();
    }

    /** Whether transactions are sent while they are in progress. */
    boolean streaming() {
        return streaming;
    }

    /** No transaction in progress is asked for any more, from the next stream on. */
    void withoutStreaming() {
        streaming = false;
    }

    /**
     * The command that starts a stream. Protocol 1 is enough but for streaming, which came with 2;
     * what 3 and 4 add (two-phase, parallel) is not wanted.
     *
     * @throws ReplicationException if the server is too old for what is wanted
     */
    String startReplication(Server server, Lsn from) {
        StringBuilder sql = new StringBuilder("START_REPLICATION SLOT ");
        sql.append(options.quotedSlot()).append(" LOGICAL ").append(from.text());
        sql.append(" (proto_version ").append(Sql.literal(streaming ? "2" : "1"));
        option(sql, "publication_names", options.quotedPublication());
        option(sql, "messages", "true");
        if (streaming) {
            option(sql, "streaming", "on");
        }
        if (options.stream().binary()) {
            option(sql, "binary", "true");
        }
        switch (options.stream().origin()) {
            case ANY -> {} // what every server does unasked
            case NONE -> {
                requireOrigin(server);
                option(sql, "origin", "none");
            }
        }
        return sql.append(')').toString();
    }

    private static void option(StringBuilder sql, String name, String value) {
        sql.append(", ").append(name).append(' ').append(Sql.literal(value));
    }

    private static void requireOrigin(Server server) {
        if (server.version() < ORIGIN_SINCE) {
            throw new ReplicationException(
                    Remedies.slowly(
                            "version",
                            "The server (server_version_num "
                                    + server.version()
                                    + ") cannot tell its own changes from replicated ones, which"
                                    + " origin: none asks for.",
                            "Use PostgreSQL 16 or later, or set origin to any."));
        }
    }
}
