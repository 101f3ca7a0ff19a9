package dev.walmonitor.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.LogicalMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicationFramesTest {
    private static final long LSN = Lsn.parse("16/B374D848").value();

    /** Writes down what it is given. */
    private static final class Notes implements ReplicationFrames.Sink {
        private final List<String> notes = new ArrayList<>();

        @Override
        public void xLogData(
                long start, long end, long clock, ByteBuf frame, int offset, int length) {
            notes.add(
                    "w %s %s %d %s"
                            .formatted(
                                    new Lsn(start),
                                    new Lsn(end),
                                    clock,
                                    ByteBufUtil.hexDump(frame, offset, length)));
        }

        @Override
        public void keepalive(long end, long clock, boolean replyRequested) {
            notes.add("k %s %d %s".formatted(new Lsn(end), clock, replyRequested));
        }
    }

    @Test
    void xLogDataHandsOverTheMessageInside() {
        assertThat(
                        notes(
                                Bytes.message('w')
                                        .int64(LSN)
                                        .int64(LSN + 8)
                                        .int64(99)
                                        .bytes(new byte[] {'E', 1, 2})))
                .containsExactly("w 16/B374D848 16/B374D850 99 450102");
    }

    @Test
    void xLogDataOfNoPlaceAndWithoutContentIsHandedOverToo() {
        assertThat(notes(Bytes.message('w').int64(0).int64(0).int64(-1)))
                .containsExactly("w 0/0 0/0 -1 ");
    }

    @Test
    void keepaliveTellsWhetherAReplyIsWanted() {
        assertThat(notes(Bytes.message('k').int64(LSN).int64(99).int8(1)))
                .containsExactly("k 16/B374D848 99 true");
        assertThat(notes(Bytes.message('k').int64(-16).int64(99).int8(0)))
                .containsExactly("k FFFFFFFF/FFFFFFF0 99 false");
    }

    @Test
    void f47_otherFramesAreRefused() {
        refused(
                Bytes.message('x').int64(LSN),
                "Expected a frame of type 'w' or 'k', got 9 bytes (message 'x', byte 0)");
        refused(
                Bytes.nothing(),
                "Expected a frame of type 'w' or 'k', got 0 bytes (message 0x00, byte 0)");
        refused(
                Bytes.message('k').int64(LSN).int64(99).int8(2),
                "Expected 0 or 1 for a reply requested, got 2 (message 'k', byte 17)");
        refused(
                Bytes.message('k').int64(LSN).int64(99).int8(0).int8(0),
                "Expected a keepalive of 18 bytes, got 19 bytes (message 'k', byte 0)");
    }

    /** What a server believes without asking must not come from a bit that was turned. */
    @Test
    void f47_aPositionToConfirmThatIsNotThatOfTheFrameIsRefused() {
        for (Bytes message :
                List.of(
                        Frames.commit(),
                        Frames.streamCommit(),
                        Frames.prepare(),
                        Frames.commitPrepared(),
                        Frames.rollbackPrepared(),
                        Frames.streamPrepare())) {
            assertThat(notes(sent(Frames.END, message))).hasSize(1);
            byte[] content = message.toArray();
            int at = content[0] == 'c' ? 14 : 10;
            refused(
                    sent(new Lsn(Frames.END.value() + (1L << 32)), message),
                    "Expected the position 17/B374D878 that the message was sent with, got 16/B374D878 (message '%c', byte %d)"
                            .formatted((char) content[0], at));
        }
    }

    @Test
    void f47_aMessageThatStandsAloneElsewhereThanItsFrameIsRefused() {
        LogicalMessage alone = (LogicalMessage) Talk.ofEverything().hear(Frames.message(false));
        LogicalMessage within = (LogicalMessage) Talk.inTransaction().hear(Frames.message(true));

        ConfirmablePlace.check(Frames.COMMIT.value(), alone);
        ConfirmablePlace.check(Frames.END.value(), within);
        assertThatThrownBy(() -> ConfirmablePlace.check(Frames.END.value(), alone))
                .isInstanceOf(DecodeException.class)
                .hasMessage(
                        "Expected the position 16/B374D878 that the message was sent with, got 16/B374D848"
                                + " (message 'M', byte 2)");
        // within a block a number stands where the flags are else: no place can be told from bytes
        assertThat(notes(sent(Frames.END, Frames.message(false)))).hasSize(1);
    }

    private static Bytes sent(Lsn place, Bytes message) {
        return Bytes.message('w')
                .int64(place.value())
                .int64(place.value())
                .int64(99)
                .bytes(message.toArray());
    }

    @Test
    void f47_framesCutAnywhereAreRefused() {
        byte[] data = Bytes.message('w').int64(LSN).int64(LSN).int64(99).toArray();
        byte[] keepalive = Bytes.message('k').int64(LSN).int64(99).int8(1).toArray();
        for (byte[] whole : List.of(data, keepalive)) {
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThat(catchThrowable(() -> notes(cut)))
                        .isExactlyInstanceOf(DecodeException.class);
            }
        }
    }

    @Test
    void statusUpdateIsWrittenFieldByField() {
        ByteBuf out = Unpooled.buffer();

        new StandbyStatusUpdate(
                        Lsn.parse("16/B374D848"),
                        Lsn.parse("16/B374D840"),
                        Lsn.parse("FFFFFFFF/FFFFFFFF"),
                        Instant.parse("2000-01-01T00:00:01.000002Z"),
                        true)
                .writeTo(out);

        assertThat(HexFormat.of().formatHex(ByteBufUtil.getBytes(out)))
                .isEqualTo(
                        "72"
                                + "00000016b374d848"
                                + "00000016b374d840"
                                + "ffffffffffffffff"
                                + "00000000000f4242"
                                + "01");
        assertThat(out.readableBytes()).isEqualTo(StandbyStatusUpdate.LENGTH);
    }

    @Test
    void f57_clockCountsMicrosecondsFromTheYear2000InBothDirections() {
        Instant before = Instant.parse("1999-12-31T23:59:59.999999Z");

        assertThat(PostgresClock.toMicros(before)).isEqualTo(-1);
        assertThat(PostgresClock.toInstant(-1)).isEqualTo(before);
        assertThat(PostgresClock.toInstant(Frames.TIME_MICROS)).isEqualTo(Frames.TIME);
        assertThat(PostgresClock.toMicros(Frames.TIME)).isEqualTo(Frames.TIME_MICROS);
        assertThat(PostgresClock.toInstant(Long.MIN_VALUE))
                .isBefore(PostgresClock.toInstant(Long.MAX_VALUE));
    }

    private static List<String> notes(Bytes frame) {
        return notes(frame.toArray());
    }

    private static List<String> notes(byte[] frame) {
        Notes notes = new Notes();
        ByteBuf buffer = Unpooled.buffer().writeBytes(new byte[] {'k', 'w', 1}).writeBytes(frame);
        ReplicationFrames.read(buffer, 3, frame.length, notes);
        return notes.notes;
    }

    private static void refused(Bytes frame, String why) {
        assertThatThrownBy(() -> notes(frame))
                .isExactlyInstanceOf(DecodeException.class)
                .hasMessage(why);
    }
}
