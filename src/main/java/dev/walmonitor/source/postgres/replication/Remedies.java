package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.pgoutput.DecodeException;
import dev.walmonitor.source.postgres.wire.ServerMessage;
import dev.walmonitor.source.postgres.wire.Sql;
import dev.walmonitor.source.postgres.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The one place that says what a failure means: the state it leads to, a sentence for people, and
 * what mends it.
 */
final class Remedies {
    private static final String UNDEFINED = "42704";

    private final String source;
    private final SlotOptions options;
    private final String address;

    /**
     * @param address host, port and database, for sentences; without credentials
     */
    Remedies(String source, SlotOptions options, String address) {
        this.source = source;
        this.options = options;
        this.address = address;
    }

    SourceFailure of(Throwable failure) {
        return switch (failure) {
            case ReplicationException known -> known.failure();
            case WireException.ServerError error -> byServer(error);
            case WireException.ConnectionLost lost -> soon("connection", lost.getMessage());
            case WireException.DeadlineExceeded late -> soon("timeout", late.getMessage());
            case WireException.TlsFailure tls -> slowly("tls", tls.getMessage(), null);
            case WireException.AuthFailure auth -> slowly("auth", auth.getMessage(), null);
            case WireException.ProtocolViolation violation ->
                    soon("protocol", violation.getMessage());
            case WireException.HandlerFailed handler -> byHandler(handler);
            case DecodeException decode -> poisoned(decode);
            default -> soon("internal", "Unexpected: " + failure);
        };
    }

    private SourceFailure byHandler(WireException.HandlerFailed failure) {
        return failure.getCause() == null
                ? soon("internal", failure.getMessage())
                : of(failure.getCause());
    }

    private SourceFailure poisoned(DecodeException failure) {
        return new SourceFailure(
                SourceState.POISONED,
                "decode",
                "What "
                        + address
                        + " sends on slot "
                        + options.slot()
                        + " cannot be read: "
                        + failure.getMessage()
                        + ".",
                "Nothing was skipped and nothing after it is confirmed; the stream is tried again once a minute."
                        + " If it stays, look for what changes bytes on the way (TLS would notice it), and"
                        + " report the sentence. Only an operator passes it by.",
                Retry.SLOWLY);
    }

    /** Says of what cannot be read where it is, and how it is passed by. */
    SourceFailure behind(Blocked where, SourceFailure failure) {
        if (failure.state() != SourceState.POISONED) {
            return failure;
        }
        String skip =
                where.isExact()
                        ? " To pass over that transaction, and it alone: wal-monitor skip --source "
                                + source
                                + " --xid "
                                + where.xid()
                        : " To give up all that was not read yet: wal-monitor reset --source "
                                + source;
        return new SourceFailure(
                failure.state(),
                failure.code(),
                failure.sentence() + " It is in the transaction " + where + ".",
                failure.remedy() + skip + "; what is lost is then a gap on record.",
                failure.retry());
    }

    private SourceFailure byServer(WireException.ServerError error) {
        ServerMessage said = error.serverMessage();
        String code = said.sqlState();
        String sentence = address + ": " + error.getMessage();
        return switch (code) {
            case "55006" ->
                    new SourceFailure(
                            SourceState.STANDBY,
                            code,
                            "Slot "
                                    + options.slot()
                                    + " on "
                                    + address
                                    + " is held by another connection.",
                            null,
                            Retry.SOON);
            case "57P01", "57P02", "57P03", "53300", "55P03", "57014" -> soon(code, sentence);
            case "28P01" ->
                    slowly(
                            code,
                            sentence,
                            "Check user and password of the source's URL (DATABASE_URL).");
            case "28000" ->
                    slowly(
                            code,
                            sentence,
                            "Check that the role exists, may LOGIN and has REPLICATION, and that pg_hba.conf lets it in.");
            case "3D000" ->
                    slowly(
                            code,
                            sentence,
                            "Create the database, or name another one in the source's URL.");
            case "42501" ->
                    slowly(
                            code,
                            sentence,
                            "Give the role the right it lacks, or have somebody else create slot "
                                    + options.slot()
                                    + " and publication "
                                    + options.publication()
                                    + " and set manage to false.");
            case "53400" ->
                    slowly(
                            code,
                            sentence,
                            "Raise max_replication_slots, or drop a slot that nobody uses any more.");
            case UNDEFINED -> missing(said, sentence);
            case "55000" -> slotUnusable(said, sentence);
            case "58P01" -> lost(code, sentence);
            default -> byClass(code, sentence);
        };
    }

    private SourceFailure byClass(String code, String sentence) {
        return switch (code.substring(0, Math.min(2, code.length()))) {
            case "08", "53", "57", "58" -> soon(code, sentence);
            default -> slowly(code, sentence, null);
        };
    }

    private SourceFailure missing(ServerMessage said, String sentence) {
        String where = said.where();
        boolean inStream = where != null && where.contains("callback");
        return inStream || said.message().contains("publication")
                ? publicationWasMissing(said.message())
                : new SourceFailure(
                        SourceState.SLOT_MISSING, said.sqlState(), sentence, null, Retry.SOON);
    }

    private SourceFailure slotUnusable(ServerMessage said, String sentence) {
        return said.message().contains("being synchronized") || said.message().contains("standby")
                ? soon(said.sqlState(), sentence)
                : lost(said.sqlState(), sentence);
    }

    /** Whether only another slot can help. */
    static boolean isBeyondRepair(SourceFailure failure) {
        return failure.state() == SourceState.SLOT_LOST
                || (failure.state() == SourceState.PUBLICATION_MISSING
                        && failure.code().equals(UNDEFINED));
    }

    /** The log that the slot should give is gone. */
    private SourceFailure lost(String code, String sentence) {
        return new SourceFailure(SourceState.SLOT_LOST, code, sentence, acceptGap(), Retry.SLOWLY);
    }

    ReplicationException slotLost(String reason) {
        String why =
                switch (reason) {
                    case "wal_removed" ->
                            "log that it had not read was removed (max_slot_wal_keep_size)";
                    case "rows_removed" -> "rows of the catalogue that it needs were removed";
                    case "wal_level_insufficient" -> "wal_level was lowered";
                    case "idle_timeout" ->
                            "nobody read from it for too long (idle_replication_slot_timeout)";
                    default -> reason;
                };
        return new ReplicationException(
                lost("55000", "The server has given up slot " + options.slot() + ": " + why + "."));
    }

    ReplicationException slotMissing(Server server, boolean sameBranch) {
        return new ReplicationException(
                new SourceFailure(
                        SourceState.SLOT_MISSING,
                        UNDEFINED,
                        sameBranch
                                ? "Slot "
                                        + options.slot()
                                        + " on "
                                        + address
                                        + " was dropped after it had been in use."
                                : "The server was promoted (timeline "
                                        + server.timeline()
                                        + ") without slot "
                                        + options.slot()
                                        + ".",
                        acceptGap(),
                        Retry.SLOWLY));
    }

    SourceFailure slotNotManaged() {
        return new SourceFailure(
                SourceState.SLOT_MISSING,
                UNDEFINED,
                "There is no replication slot "
                        + options.slot()
                        + " to read from, and manage is false.",
                "Create it: SELECT pg_create_logical_replication_slot("
                        + options.slotLiteral()
                        + ", 'pgoutput')",
                Retry.SLOWLY);
    }

    ReplicationException gapSuspected(Lsn done, Lsn confirmed) {
        return new ReplicationException(
                new SourceFailure(
                        SourceState.GAP_SUSPECTED,
                        "gap",
                        "Slot "
                                + options.slot()
                                + " stands at "
                                + confirmed
                                + ", but changes are done only up to "
                                + done
                                + ": somebody else has read from it, or made it anew.",
                        acceptGap(),
                        Retry.SLOWLY));
    }

    ReplicationException otherCluster(String known, String present) {
        return mismatch(
                "Another database cluster answers at "
                        + address
                        + " than before (system identifier "
                        + present
                        + " instead of "
                        + known
                        + ").");
    }

    ReplicationException olderTimeline(long known, long present) {
        return mismatch(
                "The server at "
                        + address
                        + " is on timeline "
                        + present
                        + ", and timeline "
                        + known
                        + " was followed already: it is a primary that was replaced, or was restored.");
    }

    ReplicationException olderState(Lsn known, Lsn end) {
        return mismatch(
                "The log of the server at "
                        + address
                        + " ends at "
                        + end
                        + ", before "
                        + known
                        + ", which is done already: it was restored from an older state.");
    }

    private ReplicationException mismatch(String sentence) {
        return new ReplicationException(
                new SourceFailure(
                        SourceState.IDENTITY_MISMATCH,
                        "identity",
                        sentence,
                        "Point the source's URL to the right server. To follow this one from its slot's position, with"
                                + " caches filled anew, run in the monitor database: UPDATE wal_monitor.sources SET"
                                + " system_identifier = NULL WHERE name = "
                                + Sql.literal(source),
                        Retry.SLOWLY));
    }

    ReplicationException standbyBehind(Lsn known, Lsn end) {
        return new ReplicationException(
                new SourceFailure(
                        SourceState.CONNECTING,
                        "standby",
                        "The standby at "
                                + address
                                + " has replayed up to "
                                + end
                                + ", and changes are done up to "
                                + known
                                + ".",
                        "It is waited for.",
                        Retry.SOON));
    }

    /** We let go of the slot ourselves, so that the database can remove log. */
    SourceFailure givenUp(String why) {
        return soon(
                "budget",
                why + " Slot " + options.slot() + " on " + address + " is made anew, with a gap.");
    }

    /** There is none now; what is written meanwhile may be lost. */
    SourceFailure publicationMissing() {
        return new SourceFailure(
                SourceState.PUBLICATION_MISSING,
                "publication",
                "There is no publication " + options.publication() + " on " + address + ".",
                options.manage()
                        ? "It is made again."
                        : "Create it: CREATE PUBLICATION "
                                + options.quotedPublication()
                                + " FOR TABLE …",
                options.manage() ? Retry.SOON : Retry.SLOWLY);
    }

    /** There was none at a place that has to be read. */
    SourceFailure publicationWasMissing(String said) {
        return new SourceFailure(
                SourceState.PUBLICATION_MISSING,
                UNDEFINED,
                "Publication "
                        + options.publication()
                        + " did not exist at the position that slot "
                        + options.slot()
                        + " has to read: "
                        + said
                        + ".",
                acceptGap(),
                Retry.SLOWLY);
    }

    SourceFailure partitionApart(TableName root, TableName partition) {
        return slowly(
                "identity",
                "Partition "
                        + partition
                        + " has another replica identity than "
                        + root
                        + ", as which it is published: what it does not send of an old row would be taken for NULL.",
                "Give it the same: ALTER TABLE "
                        + Publication.quoted(partition)
                        + " REPLICA IDENTITY FULL");
    }

    private String acceptGap() {
        return "What was committed since the last confirmed position cannot be read. To go on with a new slot and that"
                + " gap on record, start with wal-monitor.sources."
                + source
                + ".slot-lost=rebuild.";
    }

    /** The server has ended the stream without a word of why. */
    SourceFailure ended() {
        return soon("57P01", "The server at " + address + " ended the stream.");
    }

    /** The connection is there, and nothing comes. */
    SourceFailure silent() {
        return new SourceFailure(
                SourceState.STALLED,
                "silence",
                "The server at "
                        + address
                        + " has fallen silent, although it was asked for a sign of life.",
                "The connection is given up if that lasts for "
                        + options.walSenderTimeout().toSeconds()
                        + " s.",
                Retry.SOON);
    }

    static SourceFailure soon(String code, @Nullable String sentence) {
        return new SourceFailure(
                SourceState.CONNECTING, code, String.valueOf(sentence), null, Retry.SOON);
    }

    static SourceFailure slowly(String code, @Nullable String sentence, @Nullable String remedy) {
        return new SourceFailure(
                SourceState.FAILED, code, String.valueOf(sentence), remedy, Retry.SLOWLY);
    }
}
