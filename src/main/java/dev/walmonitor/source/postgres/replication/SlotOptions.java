package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.postgres.wire.Sql;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * What is asked of the server for one source.
 *
 * @param slot lower-case letters, digits and underscores, 1 to 63 of them
 * @param manage whether slot and publication are made, and tables are added and dropped, as the
 *     rules need them
 * @param walSenderTimeout after which silence the server gives the connection up, and so do we
 * @param heartbeatInterval how often the server hears from us at least
 */
public record SlotOptions(
        String slot,
        String publication,
        boolean manage,
        Duration walSenderTimeout,
        Duration heartbeatInterval) {
    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");

    public SlotOptions {
        if (!SLOT.matcher(slot).matches()) {
            throw new IllegalArgumentException(
                    "Expected a slot name of 1 to 63 lower-case letters, digits and underscores, got \""
                            + slot
                            + "\"");
        }
        if (publication.indexOf(',') >= 0) {
            throw new IllegalArgumentException(
                    "Expected one publication, got \"" + publication + "\"");
        }
        positive("wal-sender-timeout", walSenderTimeout);
        positive("heartbeat-interval", heartbeatInterval);
        var _ = Sql.identifier(publication);
    }

    private static void positive(String name, Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(
                    "Expected a " + name + " longer than zero, got " + duration);
        }
    }

    String quotedSlot() {
        return Sql.identifier(slot);
    }

    String slotLiteral() {
        return Sql.literal(slot);
    }

    String quotedPublication() {
        return Sql.identifier(publication);
    }

    String publicationLiteral() {
        return Sql.literal(publication);
    }
}
