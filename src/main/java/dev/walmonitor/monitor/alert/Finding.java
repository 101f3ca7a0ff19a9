package dev.walmonitor.monitor.alert;

/**
 * How one thing was found to be.
 *
 * @param fact whether it is told at once if it is wrong, and does not have to last
 */
record Finding(AlertKey key, Verdict verdict, boolean fact) {

    /** Whether something is wrong. */
    sealed interface Verdict {}

    /**
     * It is.
     *
     * @param sentence what
     * @param remedy what to do
     */
    record Wrong(String sentence, String remedy) implements Verdict {}

    record Fine() implements Verdict {}

    /** It cannot be told, and stays as it was. */
    record Unknown() implements Verdict {}
}
