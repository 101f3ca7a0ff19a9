package dev.walmonitor.source.postgres.pgoutput;

import dev.walmonitor.change.Lsn;
import io.netty.buffer.ByteBuf;
import java.time.Instant;

/**
 * What we tell the server of our progress (protocol chapter "Streaming Replication Protocol",
 * Standby status update). Each position is that of the last byte + 1.
 *
 * @param written everything before it has been received
 * @param flushed everything before it is done for ever; the only one that moves a logical slot, and
 *     {@link Lsn#ZERO} leaves it where it is
 * @param applied for the server's statistics and for synchronous commits
 * @param clock our time of sending
 * @param replyRequested whether the server is to answer with a keepalive at once
 */
public record StandbyStatusUpdate(
        Lsn written, Lsn flushed, Lsn applied, Instant clock, boolean replyRequested) {

    /** The size of the message in bytes, type included. */
    public static final int LENGTH = 34;

    /** Writes the content of a CopyData message. */
    public void writeTo(ByteBuf out) {
        out.writeByte('r')
                .writeLong(written.value())
                .writeLong(flushed.value())
                .writeLong(applied.value())
                .writeLong(PostgresClock.toMicros(clock))
                .writeByte(replyRequested ? 1 : 0);
    }
}
