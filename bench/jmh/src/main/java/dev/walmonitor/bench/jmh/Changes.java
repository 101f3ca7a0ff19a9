package dev.walmonitor.bench.jmh;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.change.Transaction;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.pgoutput.PgOutputDecoder;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage;
import dev.walmonitor.source.postgres.pgoutput.PrimaryKeys;
import java.time.Instant;

/** Changes as they come from the decoder. */
public final class Changes {
    public static final Transaction TRANSACTION =
            new Transaction(
                    "main", 1, new Lsn(1 << 20), Instant.parse("2026-01-01T00:00:00Z"), 700);

    private Changes() {}

    /** The first row of a workload. */
    public static RowChange first(Frames.Shape shape) {
        Frames frames = new Frames(shape);
        PgOutputDecoder decoder = new PgOutputDecoder(Interest.ALL, PrimaryKeys.UNKNOWN);
        frames.introduce(decoder);
        decoder.decode(frames.buffer(), frames.offset(0), frames.length(0));
        PgOutputMessage message =
                decoder.decode(frames.buffer(), frames.offset(1), frames.length(1));
        return switch (message) {
            case PgOutputMessage.Insert i -> new RowChange.Insert(TRANSACTION, 0, i.row());
            case PgOutputMessage.Update u ->
                    new RowChange.Update(TRANSACTION, 0, u.before(), u.after());
            default -> throw new IllegalStateException("Expected a row, got " + message);
        };
    }
}
