package dev.walmonitor.source.postgres.wire;

/**
 * Whether SCRAM binds itself to the TLS channel (tls-server-end-point, RFC 5929), so that a man in
 * the middle cannot pass the exchange on; libpq's {@code channel_binding}.
 */
public enum ChannelBinding {
    DISABLE,
    /** Where both sides can. */
    PREFER,
    /** Or no connection: refuses plaintext, MD5, cleartext, and an open door. */
    REQUIRE
}
