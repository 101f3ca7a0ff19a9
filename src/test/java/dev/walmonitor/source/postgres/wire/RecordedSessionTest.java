package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A whole session as the server sends it, through the cutter and the decoder. */
class RecordedSessionTest {
    private static final byte[] SESSION =
            Backend.concat(
                    Backend.sasl("SCRAM-SHA-256"),
                    Backend.authentication(11, Backend.utf8("r=x,s=eA==,i=4096")),
                    Backend.authentication(12, Backend.utf8("v=eA==")),
                    Backend.greeting(),
                    Backend.columns("systemid", "timeline"),
                    Backend.row("7", null),
                    Backend.complete("IDENTIFY_SYSTEM"),
                    Backend.ready(),
                    Backend.copyBoth(),
                    Backend.copyData("w1"),
                    Backend.notice("WARNING", "55000", "skipped loading publication"),
                    Backend.copyData("k"),
                    Backend.fields('E', Map.of('V', "ERROR", 'C', "42704", 'M', "gone")),
                    Backend.ready());

    /** What comes out, up to the violation if there is one. */
    private static List<Object> heard(byte[] stream, int... cuts) {
        List<Object> heard = new ArrayList<>();
        FrameCutter cutter = new FrameCutter(1000, new Decoding(heard));
        List<ByteBuf> reads = new ArrayList<>();
        int from = 0;
        try {
            for (int i = 0; i <= cuts.length; i++) {
                int to = i == cuts.length ? stream.length : cuts[i];
                ByteBuf read = Unpooled.buffer(1 + to - from).writeBytes(stream, from, to - from);
                reads.add(read);
                cutter.feed(read);
                from = to;
            }
        } catch (ProtocolViolation violation) {
            heard.add(violation.getMessage());
        }
        cutter.close();
        assertThat(reads.stream().mapToInt(ByteBuf::refCnt).sum()).isZero();
        return heard;
    }

    private record Decoding(List<Object> heard) implements FrameCutter.Frames {
        @Override
        public void frame(byte type, ByteBuf in, int offset, int length) {
            heard.add(
                    type == 'd'
                            ? in.toString(offset, length, StandardCharsets.UTF_8)
                            : BackendDecoder.decode(type, in, offset, length));
        }

        @Override
        public void readComplete() {}
    }

    @Test
    void f09_isTheSameForEverySplitPoint() {
        List<Object> whole = heard(SESSION);
        assertThat(whole).hasSize(18);
        for (int i = 0; i <= SESSION.length; i++) {
            assertThat(heard(SESSION, i)).as("split at %d", i).isEqualTo(whole);
        }
    }

    @Test
    void f08_isABeginningOfItselfForEveryLength() {
        List<Object> whole = heard(SESSION);
        for (int length = 0; length <= SESSION.length; length++) {
            List<Object> cut = heard(Arrays.copyOf(SESSION, length));
            assertThat(cut).as("of %d bytes", length).isEqualTo(whole.subList(0, cut.size()));
        }
    }

    @Test
    void f47_withBytesFlippedIsMessagesAndThenAtMostAViolation() {
        Seeds.forEach(
                20_000,
                random -> {
                    byte[] garbled = SESSION.clone();
                    for (int n = 1 + random.nextInt(5); n > 0; n--) {
                        garbled[random.nextInt(garbled.length)] = (byte) random.nextInt(256);
                    }
                    int cut = random.nextInt(garbled.length);
                    assertThat(heard(garbled, cut)).isEqualTo(heard(garbled));
                });
    }
}
