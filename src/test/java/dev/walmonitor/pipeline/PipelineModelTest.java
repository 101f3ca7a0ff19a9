package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The pipeline over random histories: the same ones each time, or with {@code
 * -Dwalmonitor.model.seeds=100000} so many fresh ones, or with {@code -Dwalmonitor.model.seed=42}
 * that one alone.
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
        Long many = Long.getLong("walmonitor.model.seeds");
        long first = only != null ? only : many != null ? System.nanoTime() : 1;
        long count = only != null ? 1 : many != null ? many : 1_000;
        System.out.printf("Histories of the seeds from %d, %d of them%n", first, count);
        PipelineModel model = new PipelineModel();
        for (long seed = first; seed < first + count; seed++) {
            assertThat(model.apply(seed)).as("seed %d", seed).isEmpty();
        }
    }
}
