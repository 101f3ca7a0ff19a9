package dev.walmonitor.admin.command.load;

import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Simulation;
import dev.walmonitor.source.Simulation.Deed;
import dev.walmonitor.source.SourceException;
import io.smallrye.mutiny.TimeoutException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Changes at a steady rate, over several connections. Each is due at a moment that was settled
 * before the first one, and its latency counts from then on: while the database stalls, the changes
 * that wait for a connection meanwhile are counted with all their waiting, as its users would. To
 * be run once.
 */
public final class Load {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration GLANCE = Duration.ofMillis(50);
    private static final int DIGITS = 3;

    private final List<Simulation> clients;
    private final double rate;
    private final Duration length;
    private final BooleanSupplier interruption;

    private final AtomicLong tickets = new AtomicLong();
    private final AtomicLong finished = new AtomicLong();
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private volatile long beginNanos;

    /** Is told how it goes. */
    public interface Observer {
        /**
         * @param part how much of the time is over, 0 to 1
         * @param changes how many were made so far
         */
        void seen(double part, long changes, Duration since);
    }

    /**
     * @param clients a connection each
     * @param rate changes a second
     * @param interruption whether to end before the time
     */
    public Load(
            List<? extends Simulation> clients,
            double rate,
            Duration length,
            BooleanSupplier interruption) {
        this.clients = List.copyOf(clients);
        this.rate = rate;
        this.length = length;
        this.interruption = interruption;
    }

    /** Runs to the end of its time, or until it is interrupted or cannot go on. */
    public LoadResult run(Observer observer) {
        List<Client> all = clients.stream().map(Client::new).toList();
        beginNanos = System.nanoTime();
        List<Thread> threads =
                all.stream().map(client -> Thread.ofPlatform().name("load").start(client)).toList();
        while (threads.stream().anyMatch(Thread::isAlive)) {
            LockSupport.parkNanos(GLANCE.toNanos());
            Duration since = since();
            observer.seen(since.toNanos() / (double) length.toNanos(), finished.get(), since);
        }
        threads.forEach(Load::join);
        return result(all);
    }

    private LoadResult result(List<Client> all) {
        boolean early = isOver();
        Duration since = since();
        Duration took = early || since.compareTo(length) > 0 ? since : length;
        Map<TableName, Tally> tables = new TreeMap<>(Comparator.comparing(TableName::toString));
        Histogram fromDue = new Histogram(DIGITS);
        Histogram fromSent = new Histogram(DIGITS);
        long begun = 0;
        for (Client client : all) {
            client.tables.forEach(
                    (name, tally) -> tables.computeIfAbsent(name, n -> new Tally()).add(tally));
            fromDue.add(client.fromDue);
            fromSent.add(client.fromSent);
            begun += client.begun;
        }
        Duration due = took.compareTo(length) < 0 ? took : length;
        return new LoadResult(
                rate,
                took,
                all.size(),
                interruption.getAsBoolean(),
                Math.max(begun, dueWithin(due)),
                begun,
                tables,
                fromDue,
                fromSent,
                failure.get());
    }

    private long dueWithin(Duration time) {
        return (long) Math.ceil(rate * (time.toNanos() / 1e9));
    }

    private Duration since() {
        return Duration.ofNanos(System.nanoTime() - beginNanos);
    }

    private boolean isOver() {
        return failure.get() != null || interruption.getAsBoolean();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One connection, and what came of its changes. Owned by its thread until that has ended. */
    private final class Client implements Runnable {
        private final Simulation simulation;
        private final Map<TableName, Tally> tables =
                new TreeMap<>(Comparator.comparing(TableName::toString));
        private final Histogram fromDue = new Histogram(DIGITS);
        private final Histogram fromSent = new Histogram(DIGITS);
        private long begun;

        private Client(Simulation simulation) {
            this.simulation = simulation;
        }

        @Override
        public void run() {
            long endNanos = beginNanos + length.toNanos();
            while (true) {
                long dueNanos = beginNanos + (long) (tickets.getAndIncrement() / rate * 1e9);
                if (dueNanos - endNanos >= 0 || !reached(dueNanos)) {
                    return;
                }
                if (System.nanoTime() - endNanos >= 0 || !change(dueNanos)) {
                    return;
                }
            }
        }

        /** Waits for a moment; false if there is no more to wait for. */
        private boolean reached(long nanos) {
            while (!isOver()) {
                long left = nanos - System.nanoTime();
                if (left <= 0) {
                    return true;
                }
                LockSupport.parkNanos(Math.min(left, GLANCE.toNanos()));
            }
            return false;
        }

        private boolean change(long dueNanos) {
            long sentNanos = System.nanoTime();
            begun++;
            Deed deed;
            try {
                deed = simulation.next().await().atMost(PATIENCE);
            } catch (SourceException | TimeoutException e) {
                var _ = failure.compareAndSet(null, String.valueOf(e.getMessage()));
                return false;
            }
            long now = System.nanoTime();
            if (deed.failure() == null) {
                fromDue.recordValue((now - dueNanos) / 1000);
                fromSent.recordValue((now - sentNanos) / 1000);
            }
            tables.computeIfAbsent(deed.table(), table -> new Tally()).count(deed);
            var _ = finished.incrementAndGet();
            return true;
        }
    }
}
