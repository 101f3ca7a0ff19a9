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
     * What keeps the channel from the place where it sends to, as far as that is known without
     * sending anything: one sentence without a secret. Never fails.
     */
    default Uni<Optional<String>> refusal() {
        return Uni.createFrom().item(Optional.empty());
    }

    /** How many messages it takes; empty if nobody set a limit. */
    default Optional<Rate> rate() {
        return Optional.empty();
    }

    /** Whether somebody can be told by this channel. */
    default Reach reach(Recipient to) {
        return Reach.Room.ROOM;
    }

    /**
     * Delivers the message. Completes when it is delivered; fails, with a {@link SinkException},
     * when it may not have been: then it may be sent again, and perhaps be seen twice. What is
     * longer than the channel takes is cut, with a note.
     */
    Uni<Void> send(Message message);
}
