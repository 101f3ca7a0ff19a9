package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.walmonitor.source.postgres.Damage;
import dev.walmonitor.source.postgres.Leaks;
import dev.walmonitor.source.postgres.wire.WireException.ProtocolViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Damaged messages of a server, those that a real one sent among them, in reads of any size:
 * messages or a {@link ProtocolViolation}, always. {@code -Dfuzz.seed} repeats a run, {@code
 * -Dfuzz.frames} makes it longer or shorter.
 */
class MutatedSessionTest {
    private static final int MESSAGES = Integer.getInteger("fuzz.frames", 1_000_000);
    private static final long SEED = Long.getLong("fuzz.seed", new SplittableRandom().nextLong());

    private static final int LONGEST = 1 << 20;
    private static final int BASE_BYTES = 64 << 10;
    private static final int BYTES_A_BYTE = 256;

    /** The first to come by some way also pays for what the JVM makes at that moment. */
    private static final int FIRST_TIMES = 100;

    private static final int MOST_BYTES = 8 << 20;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Damage damage = new Damage(random);
    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Decoding decoding = new Decoding();
    private int refused;
    private int heavy;

    private static final class Decoding implements FrameCutter.Frames {
        private int decoded;

        @Override
        public void frame(byte type, ByteBuf in, int offset, int length) {
            if (type != 'd'
                    && BackendDecoder.decode(type, in, offset, length).toString().isEmpty()) {
                throw new AssertionError("Expected a message that can be printed");
            }
            decoded++;
        }

        @Override
        public void readComplete() {}
    }

    /** One of every type at least. */
    private static List<byte[]> messages() throws IOException {
        List<byte[]> messages =
                new ArrayList<>(
                        List.of(
                                Backend.sasl("SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"),
                                Backend.authentication(11, Backend.utf8("r=x,s=eA==,i=4096")),
                                Backend.authentication(12, Backend.utf8("v=eA==")),
                                Backend.authentication(3),
                                Backend.authentication(5, Backend.int32(7)),
                                Backend.authentication(7),
                                Backend.authenticationOk(),
                                Backend.keyData(4711, 32),
                                Backend.message(
                                        'v',
                                        Backend.int32(196_608),
                                        Backend.int32(1),
                                        Backend.string("_pq_.x")),
                                Backend.columns("a", "b"),
                                Backend.row("7", null),
                                Backend.copyBoth(),
                                Backend.message('W', new byte[1], Backend.int16(1), new byte[2]),
                                Backend.copyData("w1"),
                                Backend.copyDone(),
                                Backend.notice("WARNING", "55000", "skipped loading publication"),
                                Backend.fields('E', Map.of('V', "ERROR", 'C', "42704", 'M', "x"))));
        try (InputStream in =
                Objects.requireNonNull(
                        MutatedSessionTest.class.getResourceAsStream("session-18.hex"))) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> messages.add(HexFormat.of().parseHex(line)));
        }
        return messages;
    }

    @Test
    void theSessionOfARealServerIsDecodedWhole() throws IOException {
        List<byte[]> messages = messages();
        hear(Backend.concat(messages.toArray(byte[][]::new)), false);

        assertThat(refused).isZero();
        assertThat(decoding.decoded).isEqualTo(messages.size());
    }

    @Test
    void f47_damagedMessagesOfAServerAreDecodedOrRefusedAndNothingElse() throws IOException {
        List<byte[]> messages = messages();
        try (Leaks leaks = new Leaks()) {
            for (int i = 0; i < MESSAGES; i++) {
                byte[] before = any(messages);
                byte[] damaged = damage.done(any(messages), any(messages));
                byte[] stream =
                        random.nextBoolean()
                                ? damaged
                                : Backend.concat(before, damaged, any(messages));
                boolean pooled = random.nextInt(1024) == 0;
                long allocated = threads.getCurrentThreadAllocatedBytes();
                hear(stream, pooled);
                allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
                if (!pooled) {
                    checkAllocation(allocated, stream);
                }
            }
            assertThat(leaks.reports()).as("leaks, seed %d", SEED).isEmpty();
        }
        assertThat(decoding.decoded).as("decoded, seed %d", SEED).isPositive();
        assertThat(refused).as("refused, seed %d", SEED).isPositive();
    }

    private byte[] any(List<byte[]> messages) {
        return messages.get(random.nextInt(messages.size()));
    }

    /** In one to three reads; all of them are released in the end, whatever came of it. */
    private void hear(byte[] stream, boolean pooled) {
        FrameCutter cutter = new FrameCutter(LONGEST, decoding);
        List<ByteBuf> reads = new ArrayList<>(3);
        int from = 0;
        try {
            while (from < stream.length) {
                int bytes =
                        reads.size() == 2
                                ? stream.length - from
                                : 1 + random.nextInt(stream.length - from);
                ByteBuf read = read(stream, from, bytes, pooled);
                reads.add(read);
                from += bytes;
                cutter.feed(read);
            }
        } catch (ProtocolViolation expected) {
            refused++;
        } catch (Throwable t) {
            fail("%s, seed %d".formatted(HexFormat.of().formatHex(stream), SEED), t);
        }
        cutter.close();
        for (ByteBuf read : reads) {
            if (read.refCnt() != 0) {
                fail(
                        "A read was kept of %s, seed %d"
                                .formatted(HexFormat.of().formatHex(stream), SEED));
            }
        }
    }

    private static ByteBuf read(byte[] stream, int from, int bytes, boolean pooled) {
        byte[] part = java.util.Arrays.copyOfRange(stream, from, from + bytes);
        return pooled ? Leaks.buffer(part) : Unpooled.wrappedBuffer(part);
    }

    private void checkAllocation(long allocated, byte[] stream) {
        heavy += allocated > BASE_BYTES + (long) BYTES_A_BYTE * stream.length ? 1 : 0;
        if (allocated > MOST_BYTES || heavy > FIRST_TIMES) {
            fail(
                    "%d bytes were allocated for %s, seed %d"
                            .formatted(allocated, HexFormat.of().formatHex(stream), SEED));
        }
    }
}
