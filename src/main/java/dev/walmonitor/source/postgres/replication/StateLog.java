package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import java.util.List;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Says in the log how a source stands, once each time that it changes. */
final class StateLog {
    private static final Logger LOG = Logger.getLogger(PostgresSource.class);

    private final String name;
    private final SlotOptions options;
    private final String address;

    StateLog(String name, SlotOptions options, String address) {
        this.name = name;
        this.options = options;
        this.address = address;
    }

    void entered(SourceState state, @Nullable SourceFailure failure) {
        String message = failure == null ? state.toString() : failure.message();
        switch (state) {
            case CONNECTING -> {
                if (failure != null) {
                    LOG.warnf("Source %s: %s Trying again.", name, message);
                }
            }
            case STANDBY -> LOG.infof("Source %s: standby. %s", name, message);
            case STREAMING, IDLE ->
                    LOG.infof(
                            "Source %s: streaming from %s, slot %s, publication %s",
                            name, address, options.slot(), options.publication());
            case STALLED, PAUSED -> LOG.warnf("Source %s: %s", name, message);
            case FAILED,
                    SLOT_MISSING,
                    SLOT_LOST,
                    PUBLICATION_MISSING,
                    GAP_SUSPECTED,
                    IDENTITY_MISMATCH,
                    POISONED ->
                    LOG.errorf("Source %s: %s", name, message);
            case STOPPING -> LOG.infof("Source %s: stopping.", name);
        }
    }

    void remarks(List<String> sentences) {
        sentences.forEach(sentence -> LOG.warnf("Source %s: %s", name, sentence));
    }
}
