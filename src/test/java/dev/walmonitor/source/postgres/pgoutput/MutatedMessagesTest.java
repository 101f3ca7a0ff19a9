package dev.walmonitor.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.Damage;
import dev.walmonitor.source.postgres.Leaks;
import dev.walmonitor.source.postgres.pgoutput.Frames.Sample;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Damaged messages of every type and version: a message or a {@link DecodeException}, always.
 * {@code -Dfuzz.seed} repeats a run, {@code -Dfuzz.frames} makes it longer or shorter.
 */
class MutatedMessagesTest {
    private static final int FRAMES = Integer.getInteger("fuzz.frames", 1_000_000);
    private static final long SEED = Long.getLong("fuzz.seed", new SplittableRandom().nextLong());

    /** What reading a frame may allocate: a fixed part, and so much for each of its bytes. */
    private static final int BASE_BYTES = 64 << 10;

    private static final int BYTES_A_BYTE = 256;

    /** The first to come by some way also pays for what the JVM makes at that moment. */
    private static final int FIRST_TIMES = 100;

    private static final int MOST_BYTES = 8 << 20;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Damage damage = new Damage(random);
    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Wants about half of everything, so that both ways of reading a row are taken. */
    private final Interest half =
            new Interest() {
                @Override
                public boolean wants(Relation relation, Operation operation) {
                    return random.nextBoolean();
                }
            };

    /** Of the messages of all versions, and the keepalive. */
    private static final String TYPES = "BCORYIUDTMSEcAbPKrpk";

    /** Those after which nothing else is different. */
    private static final String ROWS = "IUDTMk";

    private final Map<Character, Integer> damagedTypes = new HashMap<>();
    private int decoded;
    private int refused;
    private int heavy;

    @Test
    void f47_damagedMessageIsDecodedOrRefusedAndNothingElse() {
        List<Sample> samples = Frames.all();
        for (int i = 0; i < FRAMES / 10; i++) {
            Sample sample = samples.get(random.nextInt(samples.size()));
            Talk talk =
                    new Talk(half, PrimaryKeys.UNKNOWN).with(sample.before().toArray(Bytes[]::new));
            byte[] other = samples.get(random.nextInt(samples.size())).message().toArray();
            byte[] frame = damage.done(sample.message().toArray(), other);
            judge(frame, () -> Listener.read(talk.hear(frame)));
        }
        assertOutcomes();
    }

    /**
     * Walks through what a real server sent up to a random place, and damages what follows: bytes,
     * or frames that are left out or come twice. What is refused ends the stream, as it ends a
     * connection.
     */
    @Test
    void f47_damagedFrameOfARealServerIsDecodedOrRefusedAndNothingElse() {
        List<CapturedFrames.Stream> streams = CapturedFrames.streams();
        int frames = 0;
        try (Leaks leaks = new Leaks()) {
            while (frames < FRAMES) {
                frames += walk(streams.get(random.nextInt(streams.size())).frames());
            }
            assertThat(leaks.reports()).as("leaks, seed %d", SEED).isEmpty();
        }
        assertOutcomes();
        assertThat(damagedTypes.keySet())
                .as("types of messages that were damaged, seed %d", SEED)
                .hasSize(TYPES.length())
                .allMatch(type -> TYPES.indexOf(type) >= 0);
    }

    /** Returns how many damaged frames were heard. */
    private int walk(List<byte[]> frames) {
        Listener listener = new Listener(half, told -> {});
        int place = random.nextInt(frames.size());
        for (int i = random.nextInt(8) == 0 ? place : 0; i < place; i++) {
            byte[] frame = frames.get(i);
            if (ROWS.indexOf(type(frame)) < 0) {
                listener.hear(Unpooled.wrappedBuffer(frame));
            }
        }
        int damaged = 0;
        int before = refused;
        for (int i = place; i < frames.size() && refused == before; i++) {
            byte[] frame = frames.get(i);
            boolean mutant = i == place || random.nextBoolean();
            byte[] heard =
                    mutant ? damage.done(frame, frames.get(random.nextInt(frames.size()))) : frame;
            int times = random.nextInt(32) == 0 ? random.nextInt(3) : 1;
            for (int n = 0; n < times && refused == before; n++) {
                hear(listener, heard);
            }
            if (mutant) {
                damaged++;
                damagedTypes.merge(type(frame), 1, Integer::sum);
            }
        }
        return damaged;
    }

    private static char type(byte[] frame) {
        return frame[0] == 'w' ? (char) frame[25] : 'k';
    }

    /** Now and then from a buffer of the kind that the network uses, which must not be kept. */
    private void hear(Listener listener, byte[] frame) {
        if (random.nextInt(1024) != 0) {
            ByteBuf buffer = Unpooled.wrappedBuffer(frame);
            judge(frame, () -> listener.hear(buffer));
            return;
        }
        ByteBuf buffer = Leaks.buffer(frame);
        outcome(frame, () -> listener.hear(buffer));
        assertThat(buffer.refCnt()).as("owners of the buffer, seed %d", SEED).isEqualTo(1);
        var _ = buffer.release();
    }

    private void judge(byte[] frame, Runnable hearing) {
        long before = threads.getCurrentThreadAllocatedBytes();
        outcome(frame, hearing);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        heavy += allocated > BASE_BYTES + (long) BYTES_A_BYTE * frame.length ? 1 : 0;
        if (allocated > MOST_BYTES || heavy > FIRST_TIMES) {
            fail(
                    "%d bytes were allocated for %s, seed %d"
                            .formatted(allocated, HexFormat.of().formatHex(frame), SEED));
        }
    }

    private void outcome(byte[] frame, Runnable hearing) {
        try {
            hearing.run();
            decoded++;
        } catch (DecodeException expected) {
            refused++;
        } catch (Throwable t) {
            fail("%s, seed %d".formatted(HexFormat.of().formatHex(frame), SEED), t);
        }
    }

    private void assertOutcomes() {
        assertThat(decoded).as("decoded, seed %d", SEED).isPositive();
        assertThat(refused).as("refused, seed %d", SEED).isPositive();
    }
}
