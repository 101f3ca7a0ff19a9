package dev.walmonitor.source.postgres.wire;

import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;

/**
 * Cuts what the socket reads into messages, owned by one connection's event loop.
 *
 * <p>A message that lies whole in one read is handed on where it lies; only one that spans reads is
 * put together in a buffer of our own, which grows with what has come and not with what its length
 * claims. The result is the same for every way in which the stream was chopped.
 *
 * <p>While held, it keeps what it was fed and hands on nothing, to the message exactly.
 */
final class FrameCutter {
    /** Type and length. */
    private static final int HEADER = 5;

    private static final int SMALL = 1024;
    private static final int LARGE = 1 << 20;

    /** Takes the messages. What it throws comes out of {@link #feed} or {@link #release}. */
    interface Frames {
        /**
         * @param in valid during the call only
         * @param offset of the payload, after type and length
         */
        void frame(byte type, ByteBuf in, int offset, int length);

        /** What was fed at once has been handed on, or the cutter was held within it. */
        void readComplete();
    }

    private final Frames frames;
    private final ArrayDeque<ByteBuf> reads = new ArrayDeque<>();
    private int maxFrameBytes;
    private ByteBuf tail = Unpooled.buffer(SMALL);

    /** Bytes of the stream before index 0 of the read that is being cut. */
    private long before;

    private boolean held;
    private boolean cutting;
    private boolean closed;

    FrameCutter(int maxFrameBytes, Frames frames) {
        this.maxFrameBytes = maxFrameBytes;
        this.frames = frames;
    }

    /** The longest payload that is believed from now on. */
    void limit(int bytes) {
        maxFrameBytes = bytes;
    }

    /** Takes over {@code read} and will release it. */
    void feed(ByteBuf read) {
        if (closed) {
            read.release();
            return;
        }
        reads.add(read);
        cutReads();
    }

    /** From the next message on, hands on nothing. */
    void hold() {
        held = true;
    }

    /** Hands on what was held, before it returns unless called from within a message. */
    void release() {
        held = false;
        cutReads();
    }

    boolean isHeld() {
        return held;
    }

    /** Hands on nothing any more and lets go of everything. */
    void close() {
        closed = true;
        if (!cutting) {
            releaseReads();
        }
    }

    /** How much of an unfinished message there is, in bytes. */
    int unfinished() {
        return tail.readableBytes();
    }

    private void cutReads() {
        if (cutting) {
            return;
        }
        cutting = true;
        try {
            for (ByteBuf read = reads.peek(); read != null && flowing(); read = reads.peek()) {
                cut(read);
                if (!read.isReadable()) {
                    reads.remove().release();
                }
                if (!closed) {
                    frames.readComplete();
                }
            }
        } finally {
            cutting = false;
            if (closed) {
                releaseReads();
            }
        }
    }

    private boolean flowing() {
        return !held && !closed;
    }

    private void cut(ByteBuf in) {
        before -= in.readerIndex();
        int at = tail.isReadable() ? finishTail(in) : in.readerIndex();
        int end = in.writerIndex();
        while (flowing() && end - at >= HEADER) {
            int length = checkedLength(in, at, before + at);
            if (end - at - HEADER < length) {
                break;
            }
            at += HEADER + length;
            frames.frame(in.getByte(at - HEADER - length), in, at - length, length);
        }
        if (flowing() && at < end) {
            append(in, at, end - at, end - at);
            at = end;
        }
        in.readerIndex(at);
        before += at;
    }

    /** Adds to the tail what it lacks; returns where the rest of {@code in} begins. */
    private int finishTail(ByteBuf in) {
        int start = in.readerIndex();
        long streamAt = before + start - tail.readableBytes();
        int at = fill(HEADER, in, start);
        if (tail.readableBytes() < HEADER) {
            return at;
        }
        int length = checkedLength(tail, 0, streamAt);
        at = fill(HEADER + length, in, at);
        if (tail.readableBytes() == HEADER + length) {
            handOnTail(length);
        }
        return at;
    }

    /** Moves to the tail what it lacks to {@code wanted} bytes, as far as it is there. */
    private int fill(int wanted, ByteBuf in, int at) {
        int lacking = wanted - tail.readableBytes();
        int bytes = Math.min(lacking, in.writerIndex() - at);
        if (bytes <= 0) {
            return at;
        }
        append(in, at, bytes, lacking);
        return at + bytes;
    }

    private void handOnTail(int length) {
        ByteBuf whole = tail;
        if (whole.capacity() > LARGE) {
            tail = Unpooled.buffer(SMALL);
        }
        try {
            frames.frame(whole.getByte(0), whole, HEADER, length);
        } finally {
            whole.clear();
        }
    }

    /**
     * @param lacking what the message still lacks, as far as is known: no more will be needed
     */
    private void append(ByteBuf in, int at, int bytes, int lacking) {
        int free = tail.capacity() - tail.writerIndex();
        if (free < bytes) {
            int atMost = Math.max(SMALL, tail.writerIndex() + lacking);
            int doubled = 2 * Math.max(tail.capacity(), tail.writerIndex() + bytes);
            tail.capacity(doubled < 0 ? atMost : Math.min(atMost, doubled));
        }
        tail.writeBytes(in, at, bytes);
    }

    /** The length of the payload of the message at {@code at}, once it is believable. */
    private int checkedLength(ByteBuf in, int at, long streamAt) {
        byte type = in.getByte(at);
        int length = in.getInt(at + 1);
        if (type != 'd') {
            BackendDecoder.checkType(type, streamAt);
        }
        if (length < 4 || length - 4 > maxFrameBytes) {
            throw new ProtocolViolation(
                    "The server sent a %s with the length %d at byte %d of the stream; expected 4 to %d."
                            .formatted(
                                    BackendDecoder.name(type),
                                    length,
                                    streamAt,
                                    maxFrameBytes + 4L));
        }
        return length - 4;
    }

    private void releaseReads() {
        for (ByteBuf read = reads.poll(); read != null; read = reads.poll()) {
            read.release();
        }
    }
}
