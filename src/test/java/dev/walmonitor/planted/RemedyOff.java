package dev.walmonitor.planted;

import java.util.List;

/**
 * A remedy of the fault catalogue that is switched off, and the test that has to miss it.
 *
 * @param row of the catalogue
 * @param test such as {@code source.BackoffTest#grows}, below {@code dev.walmonitor}
 */
record RemedyOff(String row, PlantedBug bug, String test) {

    /** Each build has classes of its own of these, below {@code dev.walmonitor}. */
    static final List<String> OWN =
            List.of(
                    "dev.walmonitor.change",
                    "dev.walmonitor.handler",
                    "dev.walmonitor.monitor",
                    "dev.walmonitor.pipeline",
                    "dev.walmonitor.rule",
                    "dev.walmonitor.sink",
                    "dev.walmonitor.source");

    RemedyOff(String row, String without, String type, String right, String wrong, String test) {
        this(row, new PlantedBug(without, type, right, wrong), test);
    }

    /** With one more passage of the same class. */
    RemedyOff and(String right, String wrong) {
        return new RemedyOff(row, bug.and(right, wrong), test);
    }

    /** With a passage of another class. */
    RemedyOff and(String type, String right, String wrong) {
        return new RemedyOff(row, bug.and(type, right, wrong), test);
    }

    @Override
    public String toString() {
        return row + ": " + bug.name();
    }
}
