package dev.walmonitor.monitor;

/** There is no source of that id, or no longer. */
public final class UnknownSourceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int id;

    UnknownSourceException(int id) {
        super("There is no source with the id " + id, null, false, false);
        this.id = id;
    }

    public int id() {
        return id;
    }
}
