package dev.walmonitor.monitor;

import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceProfile;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the monitor row of one source. Owned by the event loop of {@link Monitors}, on which {@link
 * #look} is called and {@code loop} runs what it is given. One write is under way at most; what
 * changes meanwhile is written after it.
 */
final class SourceWatch {

    /** Writes the row, and tells of success and failure itself. */
    interface Writer {
        Uni<Void> write(SourceProfile source, Sighting sighting);
    }

    private final SourceProfile profile;
    private final Supplier<@Nullable LogGauges> gauges;
    private final Writer writer;
    private final Executor loop;
    private final InstantSource clock;
    private final Pace pace;

    private boolean writing;
    private @Nullable PipelineStatus seenMeanwhile;

    SourceWatch(
            SourceProfile profile,
            Supplier<@Nullable LogGauges> gauges,
            Writer writer,
            Executor loop,
            InstantSource clock,
            Pace.Limits limits) {
        this.profile = profile;
        this.gauges = gauges;
        this.writer = writer;
        this.loop = loop;
        this.clock = clock;
        this.pace = new Pace(limits);
    }

    /** Takes notice of how the source stands now, and writes its row if that is due. */
    void look(PipelineStatus status) {
        Instant now = clock.instant();
        if (writing) {
            seenMeanwhile = status;
            return;
        }
        LogGauges sample = gauges.get();
        Sighting sighting =
                Sighting.of(status, profile.slot(), sample == null ? null : sample.lagBytes());
        if (sighting == null) {
            pace.forget();
        } else if (pace.isDue(sighting, now)) {
            write(sighting);
        }
    }

    private void write(Sighting sighting) {
        writing = true;
        writer.write(profile, sighting)
                .subscribe()
                .with(
                        ok -> loop.execute(() -> written(sighting)),
                        failure -> loop.execute(this::failed));
    }

    private void written(Sighting sighting) {
        writing = false;
        pace.written(sighting, clock.instant());
        PipelineStatus newer = seenMeanwhile;
        seenMeanwhile = null;
        if (newer != null) {
            look(newer);
        }
    }

    /** The next look tries again. */
    private void failed() {
        writing = false;
        seenMeanwhile = null;
    }
}
