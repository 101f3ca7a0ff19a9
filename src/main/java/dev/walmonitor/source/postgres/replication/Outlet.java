package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.ChangeBatch;

/**
 * Where one stream's events leave it, as batches; the stream is not read while nobody wants more.
 * Owned by the connection's event loop.
 */
final class Outlet {
    /**
     * How many events make a batch at most, so that one read of a megabyte does not become one long
     * turn.
     */
    private static final int BATCH = 4096;

    private final TransactionAssembler assembler;
    private final DemandGate gate;
    private final Intake intake;

    Outlet(TransactionAssembler assembler, DemandGate gate, Intake intake) {
        this.assembler = assembler;
        this.gate = gate;
        this.intake = intake;
    }

    /** Hands over what there is, or stops reading until somebody wants it. */
    void flush() {
        if (!assembler.hasNews()) {
            return;
        }
        boolean open = gate.isOpen() && gate.push(new ChangeBatch(assembler.take()));
        if (!open) {
            intake.pause(Intake.Reason.NO_DEMAND);
        }
    }

    /** Does so if it makes a batch. */
    void flushIfMuch() {
        if (assembler.size() >= BATCH) {
            flush();
        }
    }

    /** Whether a batch would be taken. */
    boolean isOpen() {
        return gate.isOpen();
    }
}
