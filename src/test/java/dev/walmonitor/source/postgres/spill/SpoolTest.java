package dev.walmonitor.source.postgres.spill;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final int X = 700;
    private static final int BUFFER = 256 << 10;

    @TempDir Path directory;

    private final SlowDisk disk = new SlowDisk();
    private final List<String> inflow = new ArrayList<>();

    private Spool spool(Path where) {
        return new Spool(
                where,
                disk,
                new Spool.Inflow() {
                    @Override
                    public void pause() {
                        inflow.add("pause");
                    }

                    @Override
                    public void goOn() {
                        inflow.add("go on");
                    }

                    @Override
                    public void failed(Throwable failure) {
                        inflow.add("failed " + failure.getClass().getSimpleName());
                    }
                });
    }

    /** Does what it is asked for when the test says so. */
    private static final class SlowDisk implements Disk {
        private final Queue<Runnable> asked = new ArrayDeque<>();
        private boolean slow;

        @Override
        public <T> Future<T> run(Callable<T> work) {
            Promise<T> promise = Promise.promise();
            asked.add(() -> {
                try {
                    promise.complete(work.call());
                } catch (Exception e) {
                    promise.fail(e);
                }
            });
            catchUp();
            return promise.future();
        }

        void catchUp() {
            while (!slow && !asked.isEmpty()) {
                turn();
            }
        }

        void turn() {
            Objects.requireNonNull(asked.poll(), "nothing was asked").run();
        }
    }

    private static void add(Spool spool, int subXid, String text) {
        add(spool, subXid, text, null);
    }

    private static void add(
            Spool spool,
            int subXid,
            String text,
            @org.jspecify.annotations.Nullable Integer trailer) {
        ByteBuf in = Unpooled.copiedBuffer("--" + text + "--", StandardCharsets.UTF_8);
        spool.add(subXid, in.getByte(2), in, 3, text.length() - 1, trailer);
    }

    private static void block(Spool spool, int xid, boolean first, String... texts) {
        assertThat(spool.start(xid, first)).isTrue();
        for (String text : texts) {
            add(spool, xid, text);
        }
        spool.stop();
    }

    private static SpilledTransaction committed(Spool spool, int xid) {
        return Objects.requireNonNull(spool.commit(xid));
    }

    /** All records of a transaction, as text. */
    private static List<String> records(SpilledTransaction transaction) {
        List<String> records = new ArrayList<>();
        ByteBuf some = transaction.next().result();
        while (some.isReadable()) {
            while (some.isReadable()) {
                int length = some.readInt();
                records.add(some.readCharSequence(length, StandardCharsets.UTF_8).toString());
            }
            some = transaction.next().result();
        }
        return records;
    }

    @Test
    void aTransactionIsReadAsItWasAdded() {
        Spool spool = spool(directory);
        block(spool, X, true, "I one", "I two");
        block(spool, 800, true, "I other");
        block(spool, X, false, "U three");

        assertThat(records(committed(spool, X))).containsExactly("I one", "I two", "U three");
        assertThat(spool.commit(X)).isNull();
        assertThat(records(committed(spool, 800))).containsExactly("I other");
    }

    @Test
    void recordsOfEverySizeComeThrough() {
        Spool spool = spool(directory);
        List<String> texts = new ArrayList<>();
        for (int size : List.of(1, 2, BUFFER - 5, BUFFER, BUFFER + 1, 3 * BUFFER, 7, 2 << 20, 1)) {
            texts.add("x".repeat(size));
        }
        block(spool, X, true, texts.toArray(String[]::new));

        assertThat(records(committed(spool, X))).isEqualTo(texts);
    }

    @Test
    void aTrailerStandsBehindItsRecord() {
        Spool spool = spool(directory);
        assertThat(spool.start(X, true)).isTrue();
        add(spool, X, "R", 0x41424344);
        spool.stop();

        assertThat(records(committed(spool, X))).containsExactly("RABCD");
    }

    @Test
    void whatIsRolledBackIsWrittenOver() {
        Spool spool = spool(directory);
        assertThat(spool.start(X, true)).isTrue();
        add(spool, X, "one");
        add(spool, 701, "gone");
        spool.stop();
        assertThat(spool.start(X, false)).isTrue();
        add(spool, 702, "gone within");
        spool.stop();
        assertThat(spool.abort(X, 702)).isTrue();
        assertThat(spool.abort(X, 701)).isTrue();
        assertThat(spool.abort(X, 799)).isTrue();
        block(spool, X, false, "two");

        assertThat(records(committed(spool, X))).containsExactly("one", "two");
    }

    @Test
    void countsWhatIsOnDiskUntilItIsDiscarded() {
        Spool spool = spool(directory);
        assertThat(spool.start(X, true)).isTrue();
        add(spool, 701, "123456");
        add(spool, 701, "123456");
        spool.stop();
        assertThat(spool.bytes()).isEqualTo(20);
        assertThat(spool.abort(X, 701)).isTrue();
        block(spool, X, false, "1");
        assertThat(spool.bytes()).isEqualTo(20);
        block(spool, 800, true, "1");
        assertThat(spool.bytes()).isEqualTo(25);
        assertThat(spool.abort(800, 800)).isTrue();
        assertThat(spool.bytes()).isEqualTo(20);
        SpilledTransaction reading = committed(spool, X);
        assertThat(spool.bytes()).isEqualTo(20);
        reading.discard();
        reading.discard();
        assertThat(spool.bytes()).isZero();
    }

    @Test
    void whatIsNotKnownIsTold() {
        Spool spool = spool(directory);

        assertThat(spool.start(X, false)).isFalse();
        assertThat(spool.isOpen()).isFalse();
        assertThat(spool.abort(X, X)).isFalse();
        assertThat(spool.commit(X)).isNull();
    }

    @Test
    void aTransactionThatBeginsAgainIsAnotherOne() {
        Spool spool = spool(directory);
        block(spool, X, true, "before");
        block(spool, X, true, "after");

        assertThat(records(committed(spool, X))).containsExactly("after");
    }

    @Test
    void whenTheDiskIsSlowTheStreamWaitsWithTheSecondBuffer() {
        disk.slow = true;
        Spool spool = spool(directory);
        assertThat(spool.start(X, true)).isTrue();
        add(spool, X, "a".repeat(BUFFER));
        assertThat(inflow).isEmpty();
        add(spool, X, "b");
        assertThat(inflow).isEmpty();
        spool.stop();
        assertThat(inflow).containsExactly("pause");
        disk.turn();
        assertThat(inflow).containsExactly("pause", "go on");
        block(spool, X, false, "c");
        assertThat(inflow).containsExactly("pause", "go on", "pause");
        disk.turn();
        disk.turn();
        assertThat(inflow).containsExactly("pause", "go on", "pause", "go on");

        disk.slow = false;
        assertThat(records(committed(spool, X))).containsExactly("a".repeat(BUFFER), "b", "c");
    }

    @Test
    void aCommittedTransactionIsReadWhenItsLastBlockIsOnDisk() {
        disk.slow = true;
        Spool spool = spool(directory);
        block(spool, X, true, "one");
        SpilledTransaction transaction = committed(spool, X);
        Future<ByteBuf> first = transaction.next();
        assertThat(first.isComplete()).isFalse();
        disk.turn();
        disk.turn();

        assertThat(first.result().readInt()).isEqualTo(3);
    }

    @Test
    void aDiskThatRefusesIsTold() {
        Spool spool = spool(directory.resolve("missing"));
        block(spool, X, true, "one");

        assertThat(inflow).containsExactly("failed NoSuchFileException");
        assertThat(Spool.check(directory.resolve("missing"), disk).cause())
                .isInstanceOf(NoSuchFileException.class);
        assertThat(Spool.check(directory, disk).succeeded()).isTrue();
    }

    @Test
    void filesHaveNoName() throws IOException {
        Spool spool = spool(directory);
        block(spool, X, true, "one");

        assertThat(directory).isEmptyDirectory();
        spool.close();
    }
}
