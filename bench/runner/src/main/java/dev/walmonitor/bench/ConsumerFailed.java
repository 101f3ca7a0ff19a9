package dev.walmonitor.bench;

/** A consumer did not do what it should; its run does not count. */
final class ConsumerFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConsumerFailed(String what) {
        super("The consumer " + what);
    }
}
