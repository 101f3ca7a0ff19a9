package dev.walmonitor.tracing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Says in one line, and seldom, that spans cannot be sent; those who send them say it for each
 * attempt, in several. Thread-safe.
 */
final class ExportLog implements Filter {
    private static final org.jboss.logging.Logger LOG =
            org.jboss.logging.Logger.getLogger(ExportLog.class);

    private static final Duration SELDOM = Duration.ofMinutes(10);
    private static final int LONGEST = 200;

    /** Behind it the senders say what happened. */
    private static final String MESSAGE = "rror message: ";

    private static final List<String> SENDERS =
            List.of(
                    "io.opentelemetry.exporter.internal.grpc.GrpcExporter",
                    "io.opentelemetry.exporter.internal.http.HttpExporter",
                    "io.quarkus.opentelemetry.runtime.exporter.otlp.sender.VertxGrpcSender",
                    "io.quarkus.opentelemetry.runtime.exporter.otlp.sender.VertxHttpSender");

    private final String collector;
    private final InstantSource clock;

    /** Kept, as loggers that nobody holds are forgotten with their filters. */
    private final List<Logger> senders = SENDERS.stream().map(Logger::getLogger).toList();

    private @Nullable Instant told;

    ExportLog(String collector, InstantSource clock) {
        this.collector = collector;
        this.clock = clock;
    }

    void listen() {
        senders.forEach(sender -> sender.setFilter(this));
        LOG.infof("Spans of changes go to %s.", collector);
    }

    @Override
    public boolean isLoggable(LogRecord line) {
        if (line.getLevel().intValue() < Level.WARNING.intValue()) {
            return true;
        }
        if (isTime()) {
            LOG.warnf(
                    "Spans cannot be sent to %s and are dropped until they can; nothing else waits for it. (%s)",
                    collector, reason(line));
        }
        return false;
    }

    private synchronized boolean isTime() {
        Instant now = clock.instant();
        if (told != null && now.isBefore(told.plus(SELDOM))) {
            return false;
        }
        told = now;
        return true;
    }

    /** One line of it, without what we say ourselves. */
    private static String reason(LogRecord line) {
        String all = String.valueOf(line.getMessage()).lines().findFirst().orElse("");
        int message = all.indexOf(MESSAGE);
        String text = message < 0 ? all : all.substring(message + MESSAGE.length());
        return text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    }
}
