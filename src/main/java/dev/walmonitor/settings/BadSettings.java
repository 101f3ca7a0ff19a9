package dev.walmonitor.settings;

import java.util.List;

/**
 * Settings with which the service cannot start. Its message is one sentence a fault, without
 * secrets.
 */
public final class BadSettings extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadSettings(List<String> faults) {
        super(String.join(System.lineSeparator(), faults), null, false, false);
    }
}
