package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameCutterTest {
    private static final byte[] STREAM =
            Backend.concat(
                    Backend.copyBoth(),
                    Backend.copyData("first"),
                    Backend.copyData(""),
                    Backend.notice("WARNING", "01000", "a remark"),
                    Backend.copyData("a longer one, so that it is cut in several places"),
                    Backend.copyDone(),
                    Backend.ready());

    private final List<ByteBuf> fed = new ArrayList<>();
    private final List<String> frames = new ArrayList<>();
    private int reads;
    private Consumer<String> onFrame = _ -> {};
    private final FrameCutter cutter =
            new FrameCutter(
                    1000,
                    new FrameCutter.Frames() {
                        @Override
                        public void frame(byte type, ByteBuf in, int offset, int length) {
                            String frame =
                                    (char) type
                                            + in.toString(offset, length, StandardCharsets.UTF_8);
                            frames.add(frame);
                            onFrame.accept(frame);
                        }

                        @Override
                        public void readComplete() {
                            reads++;
                        }
                    });

    @AfterEach
    void noBufferLeaks() {
        cutter.close();
        assertThat(fed.stream().mapToInt(ByteBuf::refCnt).sum()).isZero();
    }

    private void feed(byte[] bytes, int from, int to) {
        // Not at index 0, as the buffers of TLS are not either.
        ByteBuf read = Unpooled.directBuffer(3 + to - from).writeZero(3);
        read.writeBytes(bytes, from, to - from).skipBytes(3);
        fed.add(read);
        cutter.feed(read);
    }

    private void feed(byte[] bytes) {
        feed(bytes, 0, bytes.length);
    }

    private List<String> framesOf(byte[] stream) {
        frames.clear();
        feed(stream);
        List<String> whole = List.copyOf(frames);
        frames.clear();
        return whole;
    }

    @Test
    void handsOnEachMessageOfOneRead() {
        feed(Backend.concat(Backend.copyData("a"), Backend.copyData("b"), Backend.ready()));

        assertThat(frames).containsExactly("da", "db", "ZI");
        assertThat(reads).isEqualTo(1);
    }

    @Test
    void f09_anySplitInTwoOrThreeGivesTheSameMessages() {
        List<String> whole = framesOf(STREAM);
        assertThat(whole).hasSize(7);
        for (int i = 0; i <= STREAM.length; i++) {
            for (int j = i; j <= STREAM.length; j++) {
                frames.clear();
                feed(STREAM, 0, i);
                feed(STREAM, i, j);
                feed(STREAM, j, STREAM.length);
                assertThat(frames).as("split at %d and %d", i, j).isEqualTo(whole);
            }
        }
    }

    @Test
    void f09_oneByteAReadGivesTheSameMessages() {
        List<String> whole = framesOf(STREAM);
        for (int i = 0; i < STREAM.length; i++) {
            feed(STREAM, i, i + 1);
        }
        assertThat(frames).isEqualTo(whole);
    }

    @Test
    void f09_randomChunksGiveTheSameMessages() {
        cutter.limit(10_000_000);
        Seeds.forEach(
                200,
                random -> {
                    byte[] stream = randomStream(random);
                    List<String> whole = framesOf(stream);
                    for (int at = 0; at < stream.length; ) {
                        int to = Math.min(stream.length, at + 1 + random.nextInt(8_000));
                        feed(stream, at, to);
                        at = to;
                    }
                    assertThat(frames).isEqualTo(whole);
                    assertThat(cutter.unfinished()).isZero();
                    fed.clear();
                });
    }

    private static byte[] randomStream(Random random) {
        byte[][] messages = new byte[1 + random.nextInt(20)][];
        for (int i = 0; i < messages.length; i++) {
            int length = random.nextInt(10) == 0 ? random.nextInt(30_000) : random.nextInt(100);
            messages[i] = Backend.copyData("x".repeat(length));
        }
        return Backend.concat(messages);
    }

    @Test
    void f08_aMessageThatIsNotCompleteIsNeverHandedOn() {
        for (int length = 0; length < 10; length++) {
            frames.clear();
            byte[] message = Backend.copyData("12345");
            feed(message, 0, length);
            assertThat(frames).isEmpty();
            assertThat(cutter.unfinished()).isEqualTo(length);
            feed(message, length, message.length);
            assertThat(frames).containsExactly("d12345");
        }
    }

    @Test
    void aMessageOfManyMegabytesComesWholeAndItsBufferIsNotKept() {
        cutter.limit(10_000_000);
        String payload = "0123456789".repeat(500_000);
        byte[] message = Backend.copyData(payload);
        for (int at = 0; at < message.length; at += 300_000) {
            feed(message, at, Math.min(message.length, at + 300_000));
        }
        feed(Backend.copyData("next"));
        assertThat(frames).hasSize(2);
        assertThat(frames.getFirst()).hasSize(1 + payload.length()).endsWith("0123456789");
        assertThat(frames.getLast()).isEqualTo("dnext");
    }

    @Test
    void f47_aLengthOutsideTheBoundsIsRefusedBeforeAnythingIsAllocated() {
        for (int length : new int[] {3, 0, -1, Integer.MIN_VALUE, 1005, Integer.MAX_VALUE}) {
            List<String> got = new ArrayList<>();
            FrameCutter fresh = new FrameCutter(1000, collecting(got));
            byte[] header = Backend.concat(new byte[] {'d'}, Backend.int32(length));
            ByteBuf read = Unpooled.wrappedBuffer(Backend.concat(Backend.copyData("ok"), header));
            assertThatThrownBy(() -> fresh.feed(read))
                    .isInstanceOf(ProtocolViolation.class)
                    .hasMessage(
                            "The server sent a CopyData with the length "
                                    + length
                                    + " at byte 7 of the stream; expected 4 to 1004.");
            fresh.close();
            assertThat(read.refCnt()).isZero();
            assertThat(got).containsExactly("ok");
        }
    }

    @Test
    void f47_anUnknownTypeIsRefusedWithItsByteAndPlace() {
        feed(Backend.copyData("ok"));
        byte[] unknown = Backend.message((char) 0x07, new byte[100]);
        assertThatThrownBy(() -> feed(unknown, 0, 5))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessage(
                        "The server sent a message of the unknown type 0x07 at byte 7 of the"
                                + " stream.");
    }

    @Test
    void thePlaceInTheStreamIsRightForAMessageThatSpansReads() {
        feed(Backend.copyData("ok"));
        feed(new byte[] {'d', 0, 0});
        assertThatThrownBy(() -> feed(new byte[] {0, 0, 1, 2, 3}))
                .hasMessage(
                        "The server sent a CopyData with the length 0 at byte 7 of the stream;"
                                + " expected 4 to 1004.");
    }

    @Test
    void holdingTakesEffectBeforeTheNextMessage() {
        onFrame = frame -> cutter.hold();
        feed(Backend.concat(Backend.copyData("a"), Backend.copyData("b"), Backend.copyData("c")));

        assertThat(frames).containsExactly("da");
        assertThat(reads).isEqualTo(1);
        cutter.release();
        assertThat(frames).containsExactly("da", "db");
        onFrame = _ -> {};
        cutter.release();
        assertThat(frames).containsExactly("da", "db", "dc");
    }

    @Test
    void whatIsFedWhileHeldComesInOrderLater() {
        for (int i = 0; i <= STREAM.length; i++) {
            List<String> whole = framesOf(STREAM);
            cutter.hold();
            feed(STREAM, 0, i);
            feed(STREAM, i, STREAM.length);
            assertThat(frames).isEmpty();
            onFrame = _ -> cutter.hold();
            for (int n = 1; n <= whole.size(); n++) {
                cutter.release();
                assertThat(frames).isEqualTo(whole.subList(0, n));
            }
            onFrame = _ -> {};
            cutter.release();
            assertThat(frames).isEqualTo(whole);
        }
    }

    @Test
    void releasingWithinAMessageGoesOnWithoutNesting() {
        onFrame =
                frame -> {
                    cutter.hold();
                    cutter.release();
                    assertThat(frames).last().isEqualTo(frame);
                };
        feed(Backend.concat(Backend.copyData("a"), Backend.copyData("b")));
        assertThat(frames).containsExactly("da", "db");
    }

    @Test
    void nothingIsHandedOnAfterClosingWithinAMessage() {
        onFrame = _ -> cutter.close();
        feed(Backend.concat(Backend.copyData("a"), Backend.copyData("b")));
        feed(Backend.copyData("c"));
        assertThat(frames).containsExactly("da");
        assertThat(reads).isZero();
    }

    @Test
    void aThrowingReaderLeaksNothingOnceClosed() {
        onFrame =
                _ -> {
                    throw new IllegalStateException("no");
                };
        assertThatThrownBy(() -> feed(Backend.copyData("a")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void f47_randomBytesAreMessagesOrAViolation() {
        Seeds.forEach(
                5_000,
                random -> {
                    byte[] stream = Arrays.copyOf(STREAM, STREAM.length);
                    for (int n = 1 + random.nextInt(4); n > 0; n--) {
                        stream[random.nextInt(stream.length)] = (byte) random.nextInt(256);
                    }
                    FrameCutter fresh = new FrameCutter(1000, collecting(new ArrayList<>()));
                    ByteBuf read = Unpooled.wrappedBuffer(stream);
                    try {
                        fresh.feed(read);
                    } catch (ProtocolViolation e) {
                        assertThat(e.getMessage()).startsWith("The server sent a ");
                    }
                    fresh.close();
                    assertThat(read.refCnt()).isZero();
                });
    }

    @Test
    void copyDataAllocatesNothing() {
        int count = 20_000;
        byte[] stream = new byte[count * 35];
        for (int i = 0; i < count; i++) {
            System.arraycopy(Backend.copyData("x".repeat(30)), 0, stream, i * 35, 35);
        }
        long[] seen = new long[1];
        FrameCutter counting =
                new FrameCutter(
                        1000,
                        new FrameCutter.Frames() {
                            @Override
                            public void frame(byte type, ByteBuf in, int offset, int length) {
                                seen[0] += in.getByte(offset);
                            }

                            @Override
                            public void readComplete() {}
                        });
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            ByteBuf read = Unpooled.wrappedBuffer(stream);
            long before = threads.getCurrentThreadAllocatedBytes();
            counting.feed(read);
            allocated = Math.min(allocated, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(seen[0]).isEqualTo(5L * count * 'x');
        assertThat(allocated).isLessThan(count);
    }

    private static FrameCutter.Frames collecting(List<String> payloads) {
        return new FrameCutter.Frames() {
            @Override
            public void frame(byte type, ByteBuf in, int offset, int length) {
                payloads.add(in.toString(offset, length, StandardCharsets.UTF_8));
            }

            @Override
            public void readComplete() {}
        };
    }
}
