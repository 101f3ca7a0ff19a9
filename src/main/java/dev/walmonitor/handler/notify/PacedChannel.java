package dev.walmonitor.handler.notify;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Rate;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A channel that is given no more than it takes, by all rules together: its rate, and the time for
 * which it asked to be left alone. A message whose turn comes soon waits for it; another one fails
 * at once, and is tried again later. Thread-safe.
 */
final class PacedChannel implements Channel {
    static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final Channel channel;
    private final InstantSource clock;
    private final Duration interval;
    private Instant next = Instant.MIN;
    private Instant notBefore = Instant.MIN;

    PacedChannel(Channel channel, InstantSource clock) {
        this.channel = channel;
        this.clock = clock;
        this.interval = channel.rate().map(Rate::interval).orElse(Duration.ZERO);
    }

    @Override
    public String name() {
        return channel.name();
    }

    @Override
    public Optional<String> fault() {
        return channel.fault();
    }

    @Override
    public Uni<Optional<String>> refusal() {
        return channel.refusal();
    }

    @Override
    public Optional<Rate> rate() {
        return channel.rate();
    }

    @Override
    public Reach reach(Recipient to) {
        return channel.reach(to);
    }

    @Override
    public Uni<Void> send(Message message) {
        return Uni.createFrom()
                .deferred(() -> {
                    Duration wait = turn();
                    return wait.isZero() ? now(message) : later(message, wait);
                });
    }

    /** How long until it is this message's turn. */
    private synchronized Duration turn() {
        Instant now = clock.instant();
        Instant turn = latest(now, next, notBefore);
        Duration wait = Duration.between(now, turn);
        if (wait.compareTo(LONGEST_WAIT) > 0) {
            throw new SinkException(
                    "Channel "
                            + name()
                            + (notBefore.isAfter(now)
                                    ? " asked to be left alone for a while"
                                    : " has more messages waiting than it takes in "
                                            + LONGEST_WAIT.toSeconds()
                                            + " s"),
                    true);
        }
        next = turn.plus(interval);
        return wait;
    }

    private static Instant latest(Instant one, Instant two, Instant three) {
        Instant later = one.isAfter(two) ? one : two;
        return later.isAfter(three) ? later : three;
    }

    private Uni<Void> later(Message message, Duration wait) {
        return Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(wait)
                .chain(() -> isLeftAlone() ? send(message) : now(message));
    }

    private synchronized boolean isLeftAlone() {
        return notBefore.isAfter(clock.instant());
    }

    private Uni<Void> now(Message message) {
        return channel.send(message).onFailure(SinkException.class).invoke(this::failed);
    }

    private void failed(Throwable failure) {
        ((SinkException) failure).retryAfter().ifPresent(this::leaveAlone);
    }

    private synchronized void leaveAlone(Duration asked) {
        Instant until = clock.instant().plus(asked);
        notBefore = until.isAfter(notBefore) ? until : notBefore;
    }
}
