package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.pgoutput.DecodeException;
import dev.walmonitor.source.postgres.wire.ServerMessage;
import dev.walmonitor.source.postgres.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * The one place that says what a failure means: the state it leads to, a sentence for people, and
 * what mends it.
 */
final class Remedies {
    private final SlotOptions options;
    private final String server;

    /**
     * @param server host, port and database, for sentences; without credentials
     */
    Remedies(SlotOptions options, String server) {
        this.options = options;
        this.server = server;
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
                        + server
                        + " sends on slot "
                        + options.slot()
                        + " cannot be read: "
                        + failure.getMessage()
                        + ".",
                "Nothing was skipped and nothing after it is confirmed; the stream is tried again once a minute.",
                Retry.SLOWLY);
    }

    private SourceFailure byServer(WireException.ServerError error) {
        ServerMessage said = error.serverMessage();
        String code = said.sqlState();
        String sentence = server + ": " + error.getMessage();
        return switch (code) {
            case "55006" ->
                    new SourceFailure(
                            SourceState.STANDBY,
                            code,
                            "Slot "
                                    + options.slot()
                                    + " on "
                                    + server
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
            case "42704" -> missing(said, sentence);
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
                ? slowly(
                        said.sqlState(),
                        "Publication "
                                + options.publication()
                                + " did not exist at the position that slot "
                                + options.slot()
                                + " has to read: "
                                + said.message()
                                + ".",
                        "A publication must be older than what the slot reads. If it was created after the slot, drop the"
                                + " slot and let it be made again: what was written in between is a gap.")
                : lost(said.sqlState(), sentence);
    }

    private SourceFailure slotUnusable(ServerMessage said, String sentence) {
        return said.message().contains("being synchronized") || said.message().contains("standby")
                ? soon(said.sqlState(), sentence)
                : lost(said.sqlState(), sentence);
    }

    /** The log that the slot should give is gone. */
    SourceFailure lost(String code, String sentence) {
        return new SourceFailure(
                SourceState.SLOT_LOST,
                code,
                sentence,
                "What was committed since the last confirmed position cannot be read any more. To start afresh at the"
                        + " server's present end, with that gap: SELECT pg_drop_replication_slot("
                        + options.slotLiteral()
                        + "), where it still exists, and restart.",
                Retry.NEVER);
    }

    private static SourceFailure soon(String code, @Nullable String sentence) {
        return new SourceFailure(
                SourceState.CONNECTING, code, String.valueOf(sentence), null, Retry.SOON);
    }

    static SourceFailure slowly(String code, @Nullable String sentence, @Nullable String remedy) {
        return new SourceFailure(
                SourceState.FAILED, code, String.valueOf(sentence), remedy, Retry.SLOWLY);
    }
}
