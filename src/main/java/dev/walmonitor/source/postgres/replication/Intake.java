package dev.walmonitor.source.postgres.replication;

import java.util.EnumSet;
import java.util.Set;

/**
 * Whether the stream is read: not while there is any reason not to. Each reason has an owner who
 * knows nothing of the others. Owned by the connection's event loop.
 */
final class Intake {
    /** Why not to read on for now. */
    enum Reason {
        /** Nobody has asked for more. */
        NO_DEMAND,
        /** The disk has to catch up with transactions in progress. */
        SPILL,
        /** A transaction that was put by is being read. */
        REPLAY,
        /** A type has to be looked up before its values can be read. */
        TYPES
    }

    private final Runnable pause;
    private final Runnable resume;
    private final Set<Reason> reasons = EnumSet.noneOf(Reason.class);

    /**
     * @param pause stops before the next message
     * @param resume may deliver messages before it returns
     */
    Intake(Runnable pause, Runnable resume) {
        this.pause = pause;
        this.resume = resume;
    }

    void pause(Reason reason) {
        boolean flowing = reasons.isEmpty();
        if (reasons.add(reason) && flowing) {
            pause.run();
        }
    }

    void resume(Reason reason) {
        if (reasons.remove(reason) && reasons.isEmpty()) {
            resume.run();
        }
    }

    /** Reads on whatever the reasons; what comes is nobody's matter any more. */
    void release() {
        reasons.clear();
        resume.run();
    }

    boolean isPaused() {
        return !reasons.isEmpty();
    }

    boolean isPausedFor(Reason reason) {
        return reasons.contains(reason);
    }
}
