package dev.walmonitor.change;

/**
 * What an UPDATE or DELETE tells about the old row (PostgreSQL: {@code ALTER TABLE … REPLICA
 * IDENTITY}).
 */
public enum ReplicaIdentity {
    /** The old primary key, and only when it changed. */
    DEFAULT,
    /** Nothing. */
    NOTHING,
    /** The whole old row. */
    FULL,
    /** The old columns of one unique index, and only when they changed. */
    INDEX
}
