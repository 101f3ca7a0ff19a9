package dev.walmonitor.monitor;

/** The monitor database does not do what it is asked. The message is for people. */
public final class MonitorDatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient DatabaseFault fault;

    MonitorDatabaseException(DatabaseFault fault) {
        super(fault.message(), null, false, false);
        this.fault = fault;
    }

    public DatabaseFault fault() {
        return fault;
    }
}
