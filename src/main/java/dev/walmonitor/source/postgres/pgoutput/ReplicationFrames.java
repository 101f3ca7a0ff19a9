package dev.walmonitor.source.postgres.pgoutput;

import io.netty.buffer.ByteBuf;

/**
 * What a walsender puts into CopyData messages (protocol chapter "Streaming Replication Protocol").
 * There are a few hundred thousand of them a second, so positions are bare {@code long}s here and
 * nothing is allocated; an {@link dev.walmonitor.change.Lsn} is made where one is kept.
 */
public final class ReplicationFrames {
    private static final int XLOG_DATA_HEADER = 1 + 3 * Long.BYTES;
    private static final int KEEPALIVE = 1 + 2 * Long.BYTES + 1;

    private ReplicationFrames() {}

    /** Takes what was read. Positions are unsigned, clocks as in {@link PostgresClock}. */
    public interface Sink {

        /**
         * A piece of the log: one message of the output plugin.
         *
         * @param start the place of the log that the message belongs to; 0 where it belongs to none
         * @param end for a logical stream the same as {@code start}; nothing may be confirmed by it
         * @param clock the server's, when it sent
         * @param frame the buffer given to {@link #read}, not to be kept
         * @param offset of the plugin's message, absolute
         * @param length of the plugin's message
         */
        void xLogData(long start, long end, long clock, ByteBuf frame, int offset, int length);

        /**
         * A sign of life.
         *
         * @param end whatever was committed before it has been sent
         * @param clock the server's, when it sent
         * @param replyRequested whether the server wants a status at once, or will hang up
         */
        void keepalive(long end, long clock, boolean replyRequested);
    }

    /**
     * Hands one frame to the sink.
     *
     * @param offset of the CopyData message's content, absolute
     * @throws DecodeException if it is neither of the two, or not of its size, or if it says two
     *     different positions to confirm; what the sink throws comes through
     */
    public static void read(ByteBuf buffer, int offset, int length, Sink sink) {
        byte type = length < 1 ? 0 : buffer.getByte(offset);
        switch (type) {
            case 'w' -> {
                if (length < XLOG_DATA_HEADER) {
                    throw malformed(type, "XLogData of at least 25 bytes", length);
                }
                long start = buffer.getLong(offset + 1);
                int message = offset + XLOG_DATA_HEADER;
                int bytes = length - XLOG_DATA_HEADER;
                ConfirmablePlace.check(start, buffer, message, bytes);
                sink.xLogData(
                        start,
                        buffer.getLong(offset + 9),
                        buffer.getLong(offset + 17),
                        buffer,
                        message,
                        bytes);
            }
            case 'k' -> {
                if (length != KEEPALIVE) {
                    throw malformed(type, "a keepalive of 18 bytes", length);
                }
                sink.keepalive(
                        buffer.getLong(offset + 1),
                        buffer.getLong(offset + 9),
                        replyRequested(buffer.getByte(offset + 17)));
            }
            default -> throw malformed(type, "a frame of type 'w' or 'k'", length);
        }
    }

    private static boolean replyRequested(byte flag) {
        return switch (flag) {
            case 0 -> false;
            case 1 -> true;
            default ->
                    throw new DecodeException(
                            "0 or 1 for a reply requested",
                            Integer.toString(flag),
                            (byte) 'k',
                            KEEPALIVE - 1,
                            null);
        };
    }

    private static DecodeException malformed(byte type, String expected, int length) {
        return new DecodeException(expected, length + " bytes", type, 0, null);
    }
}
