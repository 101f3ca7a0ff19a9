package dev.walmonitor.source;

import java.util.List;

/**
 * A database URL that cannot be read. Its message is for people: each fault is one sentence that
 * names what to do.
 */
public final class MalformedUrl extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> faults;

    MalformedUrl(List<String> faults) {
        super(String.join(" ", faults), null, false, false);
        this.faults = List.copyOf(faults);
    }

    /** Every fault found, at least one. None shows any part of the URL that could be a secret. */
    public List<String> faults() {
        return faults;
    }
}
