package dev.walmonitor.sink;

import io.smallrye.mutiny.Uni;
import java.util.Optional;

/** A way to tell somebody something. One bean a channel, found by its type. */
public interface Channel {

    /** The word in the rules file, such as {@code slack}. */
    String name();

    /**
     * What keeps the channel from working as it is configured, and what mends it: one sentence
     * without a secret.
     */
    default Optional<String> fault() {
        return Optional.empty();
    }

    /**
     * Delivers the message. Completes when it is delivered; fails, with a {@link SinkException},
     * when it may not have been: then it may be sent again, and perhaps be seen twice.
     */
    Uni<Void> send(Message message);
}
