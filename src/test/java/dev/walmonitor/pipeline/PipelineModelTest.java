package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The pipeline over random histories. {@code -Dwalmonitor.model.seeds=100000} runs so many of them,
 * {@code -Dwalmonitor.model.seed=42} that one alone.
 */
class PipelineModelTest {
    private static final Logger LOG = Logger.getLogger("dev.walmonitor.pipeline");

    @BeforeEach
    void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        LOG.setLevel(null);
    }

    @Test
    void everyChangeIsHandledInOrderAndNothingIsConfirmedBefore() {
        Long only = Long.getLong("walmonitor.model.seed");
        long first = only == null ? System.nanoTime() : only;
        long count = only == null ? Long.getLong("walmonitor.model.seeds", 500) : 1;
        System.out.printf("Histories of the seeds from %d, %d of them%n", first, count);
        PipelineModel model = new PipelineModel();
        for (long seed = first; seed < first + count; seed++) {
            assertThat(model.apply(seed)).as("seed %d", seed).isEmpty();
        }
    }
}
