package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one transaction that an operator has ordered to be passed over, for as long as the process
 * lives: it may come again. Owned by the source's event loop.
 */
final class Bypass {
    private static final Logger LOG = Logger.getLogger(Bypass.class);

    private final String source;
    private @Nullable Blocked unit;
    private boolean waiting;

    Bypass(String source) {
        this.source = source;
    }

    /** Orders it; an earlier order is forgotten. */
    void order(Blocked blocked) {
        unit = blocked;
        waiting = true;
    }

    /** Whether what was ordered has not come since. */
    boolean isWaiting() {
        return waiting;
    }

    boolean isFor(PgOutputMessage.Begin begin) {
        Blocked ordered = unit;
        return ordered != null
                && Objects.equals(ordered.xid(), Integer.toUnsignedLong(begin.xid()))
                && begin.commit().equals(ordered.commit());
    }

    /** It was passed over. */
    void passed(PgOutputMessage.Begin begin) {
        waiting = false;
        LOG.warnf(
                "Source %s: transaction %s (commit at %s) was passed over, as an operator ordered;"
                        + " its changes are a gap on record.",
                source, Integer.toUnsignedString(begin.xid()), begin.commit());
    }
}
