package dev.walmonitor.pipeline;

import dev.walmonitor.change.RowChange;

/** One change on its way through one rule. Owned by the pipeline's loop. */
final class Task {
    final RowChange change;
    final Watermark.Unit unit;
    final int weight;

    /** The lanes that it occupies, a bit each. */
    final long lanes;

    /** In how many of its lanes others are still before it. */
    int waiting;

    /** How often it has failed. */
    int failures;

    Task(RowChange change, Watermark.Unit unit, int weight, long lanes) {
        this.change = change;
        this.unit = unit;
        this.weight = weight;
        this.lanes = lanes;
    }
}
