package dev.walmonitor.bench.service;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.ChangeHandlers;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.pipeline.Pipelines;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Counts changes, or notes when each came, and tells the runner at the last. Called on one event
 * loop. Where no rule is to match, it has a table that there is not, and tells when the log is done
 * up to its end.
 */
@Singleton
class NothingToDo implements ChangeHandler {
    private static final Uni<HandlerResult> DONE = Uni.createFrom().item(HandlerResult.NONE);
    private static final String LAST = "0";
    private static final int FIELDS = 3;

    private final String slot;
    private final long wanted;
    private final Optional<String> file;
    private final Optional<Lsn> unmatched;
    private final Optional<SecondHalf> half;
    private final Pipelines pipelines;
    private final long started = now();
    private long rows;
    private long[] times = new long[FIELDS << 16];
    private int filled;

    NothingToDo(
            @ConfigProperty(name = "bench.slots") String slot,
            @ConfigProperty(name = "bench.rows", defaultValue = "0") long wanted,
            @ConfigProperty(name = "bench.latfile") Optional<String> file,
            @ConfigProperty(name = "bench.unmatched") Optional<String> unmatched,
            @ConfigProperty(name = "bench.second-half") Optional<String> half,
            Pipelines pipelines) {
        this.slot = slot;
        this.wanted = wanted;
        this.file = file;
        this.unmatched = unmatched.map(Lsn::parse);
        this.half = half.map(flag -> new SecondHalf(wanted));
        this.pipelines = pipelines;
    }

    void register(@Observes StartupEvent event, ChangeHandlers handlers) {
        var _ = handlers.register(unmatched.isEmpty() ? "public.*" : "public.nothing", this);
        unmatched.ifPresent(end -> Thread.ofPlatform().daemon().start(() -> watch(end)));
    }

    private void watch(Lsn end) {
        while (pipelines.statuses().stream()
                .noneMatch(
                        status -> status.watermark() != null && !end.isAfter(status.watermark()))) {
            LockSupport.parkNanos(1_000_000);
        }
        tell();
    }

    private void tell() {
        long now = now();
        end(
                "RESULT slot=%s rows=%d seconds=%.6f t=%d"
                        .formatted(slot, wanted, (now - started) / 1e6, now));
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        rows++;
        if (half.isPresent()) {
            half.get().row(rows);
        }
        if (file.isPresent()) {
            time(change, file.get());
        } else if (rows == wanted) {
            tell();
        }
        return DONE;
    }

    private void time(RowChange change, String to) {
        String stamp = Objects.requireNonNull(change.after()).text("stamp");
        if (LAST.equals(stamp)) {
            write(to);
            end("LATENCY n=" + filled / FIELDS);
            return;
        }
        if (filled == times.length) {
            times = Arrays.copyOf(times, 2 * times.length);
        }
        times[filled++] = Long.parseLong(Objects.requireNonNull(stamp));
        times[filled++] = now();
        times[filled++] = micros(change.transaction().time());
    }

    private void write(String to) {
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(to)))) {
            for (int i = 0; i < filled; i += FIELDS) {
                out.println(times[i] + " " + times[i + 1] + " " + times[i + 2]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The runner reads the line; a profiler may have something to write. */
    private static void end(String line) {
        System.out.println(line);
        System.out.flush();
        Thread.ofPlatform().start(() -> System.exit(0));
    }

    private static long now() {
        return micros(Instant.now());
    }

    private static long micros(Instant time) {
        return time.getEpochSecond() * 1_000_000 + time.getNano() / 1000;
    }
}
