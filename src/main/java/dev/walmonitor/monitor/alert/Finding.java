package dev.walmonitor.monitor.alert;

/** How one thing was found to be. */
record Finding(AlertKey key, Verdict verdict) {

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
