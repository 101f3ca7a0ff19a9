package dev.walmonitor.handler.archive;

import dev.walmonitor.handler.ChangeArchive;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.jboss.logging.Logger;

/** Makes room in the archive, and takes away what is too old, again and again. */
@Singleton
final class ArchiveTimer {
    private static final Logger LOG = Logger.getLogger(ArchiveTimer.class);
    private static final Duration FIRST = Duration.ofSeconds(10);

    private final ArchiveFactory rules;
    private final ChangeArchive archive;
    private final ArchiveConfig config;
    private final Vertx vertx;
    private final InstantSource clock = InstantSource.system();

    ArchiveTimer(ArchiveFactory rules, ChangeArchive archive, ArchiveConfig config, Vertx vertx) {
        this.rules = rules;
        this.archive = archive;
        this.config = config;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent event) {
        if (config.interval().isPositive()) {
            after(FIRST.compareTo(config.interval()) < 0 ? FIRST : config.interval());
        }
    }

    private void after(Duration wait) {
        vertx.setTimer(
                wait.toMillis(),
                timer -> {
                    var _ = tend().subscribe().with(done -> again(), this::failed);
                });
    }

    private void again() {
        after(config.interval());
    }

    private void failed(Throwable failure) {
        LOG.warnf(
                "The archive could not be tended: %s. It is tried again in %d s.",
                failure.getMessage(), config.interval().toSeconds());
        again();
    }

    /** Without a rule that archives nothing is made ahead, but what is there grows old. */
    private Uni<Void> tend() {
        Map<String, Duration> retention = rules.retention();
        int ahead = retention.isEmpty() ? -1 : config.ahead();
        return archive.tend(retention, config.retention(), clock.instant(), ahead);
    }
}
