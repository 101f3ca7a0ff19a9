package dev.walmonitor.admin.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.junit.jupiter.api.Test;

class ConceptsTest {
    @Test
    void aSentenceIsAboutWhatItNames() {
        assertThat(Concepts.of("Source main: rule price-drop is paused: moving house."))
                .isEqualTo(Map.of("source", "main", "rule", "price-drop"));
        assertThat(Concepts.of("Dead letters: retry 2 of rule roles."))
                .isEqualTo(Map.of("rule", "roles"));
        assertThat(Concepts.of("Dropping replication slot wal_monitor"))
                .isEqualTo(Map.of("slot", "wal_monitor"));
        assertThat(Concepts.of("monitor written source_id=1 monitor_id=7 status=ACTIVE"))
                .isEqualTo(Map.of("source_id", "1", "monitor_id", "7", "status", "ACTIVE"));
        assertThat(Concepts.of("Users: 3 are read.")).isEmpty();
    }

    @Test
    void everyRecordPassesAndOnlyOursAreLookedAt() {
        ExtLogRecord ours = record("dev.walmonitor.pipeline.RunningPipelines");
        ExtLogRecord other = record("io.quarkus");

        assertThat(new Concepts().isLoggable(ours)).isTrue();
        assertThat(new Concepts().isLoggable(other)).isTrue();

        assertThat(ours.getMdc("source")).isEqualTo("main");
        assertThat(other.getMdc("source")).isNull();
    }

    private static ExtLogRecord record(String logger) {
        ExtLogRecord record =
                new ExtLogRecord(
                        Level.INFO,
                        "Source %s: stopping.",
                        ExtLogRecord.FormatStyle.PRINTF,
                        ConceptsTest.class.getName());
        record.setLoggerName(logger);
        record.setParameters(new Object[] {"main"});
        return record;
    }
}
