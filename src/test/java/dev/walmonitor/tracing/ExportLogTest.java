package dev.walmonitor.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.Test;

class ExportLogTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void whatTheSendersHaveToSayIsToldOnceAndSeldom() {
        ExportLog log = new ExportLog("http://localhost:4317", () -> now);
        LogRecord refused =
                new LogRecord(
                        Level.SEVERE,
                        "Failed to export spans. Full error message: Connection refused\nat some line");
        Told told = new Told();
        try (told) {
            assertThat(log.isLoggable(refused)).isFalse();
            assertThat(log.isLoggable(refused)).isFalse();
            now = now.plusSeconds(601);
            assertThat(log.isLoggable(refused)).isFalse();
        }

        assertThat(told.lines)
                .hasSize(2)
                .containsOnly(
                        "Spans cannot be sent to http://localhost:4317 and are dropped until they can; nothing else"
                                + " waits for it. (Connection refused)");
        assertThat(log.isLoggable(new LogRecord(Level.FINE, "a detail"))).isTrue();
    }

    @Test
    void theSendersAreOnTheClassPathUnderTheNamesThatAreHeard() {
        assertThat(
                        Stream.of(
                                "io.opentelemetry.exporter.internal.grpc.GrpcExporter",
                                "io.opentelemetry.exporter.internal.http.HttpExporter",
                                "io.quarkus.opentelemetry.runtime.exporter.otlp.sender.VertxGrpcSender",
                                "io.quarkus.opentelemetry.runtime.exporter.otlp.sender.VertxHttpSender"))
                .allSatisfy(name -> assertThat(Class.forName(name, false, loader())).isNotNull());
    }

    private static ClassLoader loader() {
        return ExportLogTest.class.getClassLoader();
    }

    private static final class Told extends Handler implements AutoCloseable {
        private final List<String> lines = new ArrayList<>();
        private final Logger logger = Logger.getLogger(ExportLog.class.getName());

        private Told() {
            logger.addHandler(this);
        }

        @Override
        @SuppressWarnings("deprecation") // no other way gives the line as it is written
        public void publish(LogRecord line) {
            lines.add(
                    line instanceof ExtLogRecord ext
                            ? ext.getFormattedMessage()
                            : line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }
}
