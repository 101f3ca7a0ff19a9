package dev.walmonitor.source.postgres.wire;

/** A way in which the server may ask who we are. */
public enum AuthMethod {
    /**
     * No question at all ({@code trust}, {@code peer}, {@code cert} in pg_hba.conf). Always fine
     * when we have no password; with one it must be allowed, for a server that does not ask has not
     * proved that it knows the password either.
     */
    NONE,
    /** SCRAM-SHA-256, with or without channel binding. */
    SCRAM_SHA_256,
    /** A salted MD5 hash, which who listens can replay. */
    MD5,
    /** The password itself. */
    CLEARTEXT
}
