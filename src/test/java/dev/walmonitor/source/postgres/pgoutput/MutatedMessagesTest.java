package dev.walmonitor.source.postgres.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.Row;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.pgoutput.Frames.Sample;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Delete;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Insert;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage.Update;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Damaged messages of every type and version: a message or a {@link DecodeException}, always. */
class MutatedMessagesTest {
    private static final int FRAMES = Integer.getInteger("walmonitor.fuzz.frames", 100_000);
    private static final long SEED =
            Long.getLong("walmonitor.fuzz.seed", new SplittableRandom().nextLong());

    private static final byte[] TELLING = {
        0, 1, 2, 'N', 'K', 'O', 'n', 'u', 't', 'b', 127, -1, -128
    };

    private final SplittableRandom random = new SplittableRandom(SEED);

    /** Wants about half of everything, so that both ways of reading a row are taken. */
    private final Interest half =
            new Interest() {
                @Override
                public boolean wants(Relation relation, Operation operation) {
                    return random.nextBoolean();
                }
            };

    @Test
    void f47_damagedMessageIsDecodedOrRefusedAndNothingElse() {
        List<Sample> samples = Frames.all();
        int decoded = 0;
        for (int i = 0; i < FRAMES; i++) {
            Sample sample = samples.get(random.nextInt(samples.size()));
            Talk talk =
                    new Talk(half, PrimaryKeys.UNKNOWN).with(sample.before().toArray(Bytes[]::new));
            byte[] frame = damaged(sample.message().toArray(), samples);
            try {
                decoded += read(talk.hear(frame));
            } catch (DecodeException expected) {
                // Refused, as it should be.
            } catch (Throwable t) {
                fail(
                        "%s, damaged to %s, seed %d, frame %d"
                                .formatted(sample, HexFormat.of().formatHex(frame), SEED, i),
                        t);
            }
        }
        assertThat(decoded).as("frames still sound, seed %d", SEED).isBetween(1, FRAMES - 1);
    }

    private byte[] damaged(byte[] frame, List<Sample> samples) {
        byte[] damaged = frame;
        int times = 1 + random.nextInt(3);
        for (int i = 0; i < times; i++) {
            damaged = damagedOnce(damaged, samples);
        }
        return damaged;
    }

    private byte[] damagedOnce(byte[] frame, List<Sample> samples) {
        int at = frame.length == 0 ? 0 : random.nextInt(frame.length);
        byte[] copy = frame.clone();
        return switch (random.nextInt(frame.length == 0 ? 1 : 7)) {
            case 0 -> joined(frame, at, new byte[] {(byte) random.nextInt()}, at);
            case 1 -> joined(frame, at, new byte[0], at + 1);
            case 2 -> Arrays.copyOf(frame, at);
            case 3 -> {
                copy[at] ^= (byte) (1 << random.nextInt(8));
                yield copy;
            }
            case 4 -> {
                copy[at] = TELLING[random.nextInt(TELLING.length)];
                yield copy;
            }
            case 5 -> {
                int to = Math.min(frame.length, at + 4);
                Arrays.fill(copy, at, to, TELLING[random.nextInt(TELLING.length)]);
                yield copy;
            }
            default -> {
                byte[] other = samples.get(random.nextInt(samples.size())).message().toArray();
                yield joined(frame, at, other, at + random.nextInt(frame.length - at + 1));
            }
        };
    }

    /** The start of a frame, something, and its rest. */
    private static byte[] joined(byte[] frame, int to, byte[] middle, int from) {
        return Bytes.nothing()
                .bytes(Arrays.copyOf(frame, to))
                .bytes(middle)
                .bytes(Arrays.copyOfRange(frame, from, frame.length))
                .toArray();
    }

    /** Reads all that a message holds: a row that was let through must be readable. */
    private static int read(PgOutputMessage message) {
        switch (message) {
            case Insert insert -> read(insert.row());
            case Update update -> {
                Row before = update.before();
                if (before != null) {
                    read(before);
                }
                read(update.after());
            }
            case Delete delete -> read(delete.before());
            default -> assertThat(message.toString()).isNotEmpty();
        }
        return 1;
    }

    private static void read(Row row) {
        List<Integer> all = java.util.stream.IntStream.range(0, row.size()).boxed().toList();
        assertThat(row.hash(all)).isEqualTo(row.hash(all));
        for (int i : all) {
            assertThat(row.value(i)).isEqualTo(row.values().get(i));
        }
    }
}
