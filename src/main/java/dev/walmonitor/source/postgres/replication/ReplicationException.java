package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.SourceFailure;

/** Something that we found ourselves to be wrong, with what it means. */
final class ReplicationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient SourceFailure failure;

    ReplicationException(SourceFailure failure) {
        super(failure.message(), null, false, false);
        this.failure = failure;
    }

    SourceFailure failure() {
        return failure;
    }
}
