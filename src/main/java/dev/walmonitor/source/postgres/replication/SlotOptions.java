package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourcesConfig.SlotLost;
import dev.walmonitor.source.postgres.wire.Sql;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the server for one source.
 *
 * @param slot lower-case letters, digits and underscores, 1 to 63 of them
 * @param manage whether slot and publication are made, and tables are added and dropped, as the
 *     rules need them
 * @param walSenderTimeout after which silence the server gives the connection up, and so do we
 * @param heartbeatInterval how often the server hears from us at least
 * @param policy what to do when the stream cannot simply go on
 * @param stream in which form the stream comes
 */
public record SlotOptions(
        String slot,
        String publication,
        boolean manage,
        Duration walSenderTimeout,
        Duration heartbeatInterval,
        Policy policy,
        StreamOptions stream) {
    private static final Duration PUBLICATION_CHECK = Duration.ofSeconds(15);
    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");

    /**
     * What to do when the stream cannot simply go on.
     *
     * @param slotLost null for what the rules allow: another slot and a declared gap if everything
     *     can be rebuilt, else waiting for an operator
     * @param resume whether to go on where the last process left off, or at the present end
     * @param failover whether the slot goes along with a fail-over, where the server knows how
     */
    public record Policy(@Nullable SlotLost slotLost, boolean resume, boolean failover) {
        public static final Policy DEFAULT = new Policy(null, true, true);
    }

    /** With the default policy, and the stream's usual form. */
    public SlotOptions(
            String slot,
            String publication,
            boolean manage,
            Duration walSenderTimeout,
            Duration heartbeatInterval) {
        this(
                slot,
                publication,
                manage,
                walSenderTimeout,
                heartbeatInterval,
                Policy.DEFAULT,
                StreamOptions.DEFAULT);
    }

    public SlotOptions with(Policy other) {
        return new SlotOptions(
                slot, publication, manage, walSenderTimeout, heartbeatInterval, other, stream);
    }

    public SlotOptions withStream(StreamOptions other) {
        return new SlotOptions(
                slot, publication, manage, walSenderTimeout, heartbeatInterval, policy, other);
    }

    /** How often the publication is looked at. */
    Duration publicationCheck() {
        return PUBLICATION_CHECK;
    }

    boolean resume() {
        return policy.resume();
    }

    boolean failover() {
        return policy.failover();
    }

    boolean mayRebuild(Interest interest) {
        SlotLost chosen = policy.slotLost();
        return chosen == null ? interest.canRebuild() : chosen == SlotLost.REBUILD;
    }

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
