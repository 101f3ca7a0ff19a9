package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications;
import dev.walmonitor.handler.Notifications.Entry;
import dev.walmonitor.handler.Notifications.Folded;
import dev.walmonitor.handler.Notifications.Outcome;
import dev.walmonitor.handler.Notifications.Target;
import dev.walmonitor.handler.Progress;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells what waits in windows once it is due, wherever this instance follows the source. What was
 * told is taken away in the transaction that records it: a crash in between tells it again, and
 * never loses it. Thread-safe.
 */
final class Courier {
    private static final Logger LOG = Logger.getLogger(Courier.class);

    /** As many messages are on their way to one channel: one that hangs holds up no other. */
    private static final int AT_ONCE = 8;

    private static final Duration QUIET = Duration.ofMinutes(1);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(60);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration ASK = Duration.ofSeconds(20);

    /** What cannot be told for so long is given up. */
    private static final Duration GIVE_UP = Duration.ofDays(1);

    /** What a rule says of its messages. */
    record Manner(Storm storm, DigestText digest) {
        private static final Manner PLAIN = new Manner(Storm.NONE, DigestText.DEFAULT);
    }

    private record RuleName(String source, String rule) {}

    private final Notifications store;
    private final Folding folding;
    private final Supplier<Progress> progress;
    private final Map<String, Channel> channels;
    private final NotifyMeters meters;
    private final InstantSource clock;
    private final Map<RuleName, Manner> rules = new ConcurrentHashMap<>();
    private final Map<String, Instant> looked = new HashMap<>();
    private final Set<RuleName> asked = new HashSet<>();
    private final Map<String, Integer> busy = new HashMap<>();
    private final Map<RuleName, Instant> warned = new ConcurrentHashMap<>();

    /**
     * @param progress asked for when it is needed
     * @param channels by name
     */
    Courier(
            Notifications store,
            Folding folding,
            Supplier<Progress> progress,
            Map<String, Channel> channels,
            NotifyMeters meters,
            InstantSource clock) {
        this.store = store;
        this.folding = folding;
        this.progress = progress;
        this.channels = Map.copyOf(channels);
        this.meters = meters;
        this.clock = clock;
    }

    /** A rule begins; what waits of it, even from before the start, is told its way. */
    void add(String source, String rule, Manner manner) {
        rules.put(new RuleName(source, rule), manner);
    }

    /** Whether this instance follows any source of these rules. */
    boolean isActive() {
        return !rules.isEmpty() && sources().stream().anyMatch(progress.get()::follows);
    }

    private Set<String> sources() {
        Set<String> sources = new HashSet<>();
        rules.keySet().forEach(rule -> sources.add(rule.source()));
        return sources;
    }

    /** Looks what is due. Call it often; it returns at once. */
    void look() {
        if (rules.isEmpty()) {
            return;
        }
        for (String source : sources()) {
            if (progress.get().follows(source)) {
                adopt(source);
                askForTransactions(source);
                deliver(source);
            } else {
                stop(source);
            }
        }
    }

    private synchronized void stop(String source) {
        if (looked.remove(source) != null) {
            folding.forget(source);
        }
    }

    /** At first, and now and then: an instance that stopped following may have left something. */
    private void adopt(String source) {
        Instant now = clock.instant();
        synchronized (this) {
            Instant last = looked.get(source);
            if (last != null && now.isBefore(last.plus(LOOK_AGAIN))) {
                return;
            }
            looked.put(source, now);
        }
        var _ =
                store.waiting(source)
                        .subscribe()
                        .with(
                                folding::adopt,
                                failure -> {
                                    LOG.debugf(failure, "What waits cannot be read");
                                    lookSoon(source, now);
                                });
    }

    private synchronized void lookSoon(String source, Instant now) {
        looked.replace(source, now.minus(LOOK_AGAIN).plusSeconds(5));
    }

    /** A transaction is whole when its rule has done everything that was committed till now. */
    private void askForTransactions(String source) {
        for (Map.Entry<RuleName, Manner> entry : rules.entrySet()) {
            RuleName rule = entry.getKey();
            if (rule.source().equals(source)
                    && entry.getValue().storm().digest() instanceof Storm.Digest.Transaction) {
                List<OpenWindow> open = folding.transactions(source, rule.rule());
                if (!open.isEmpty() && begin(rule)) {
                    var _ =
                            progress.get()
                                    .caughtUp(source, rule.rule(), ASK)
                                    .subscribe()
                                    .with(
                                            whole -> end(rule, whole ? open : List.of()),
                                            failure -> end(rule, List.of()));
                }
            }
        }
    }

    private synchronized boolean begin(RuleName rule) {
        return asked.add(rule);
    }

    private synchronized void end(RuleName rule, List<OpenWindow> whole) {
        asked.remove(rule);
        folding.complete(whole);
    }

    private void deliver(String source) {
        for (OpenWindow window : take(source)) {
            var _ =
                    Uni.createFrom()
                            .deferred(() -> deliver(window))
                            .subscribe()
                            .with(done -> done(window), failure -> failed(window, failure));
        }
    }

    private synchronized List<OpenWindow> take(String source) {
        return folding.takeDue(source, busy, AT_ONCE);
    }

    private synchronized void free(OpenWindow window) {
        busy.merge(window.window.target().channel(), -1, Integer::sum);
    }

    private Uni<Void> deliver(OpenWindow window) {
        OpenWindow.Sent sent = window.sent;
        if (sent != null) {
            return store.delivered(sent.members(), sent.entry());
        }
        Target target = window.window.target();
        Manner manner = manner(target);
        Optional<Instant> quiet =
                manner.storm().quiet().flatMap(hours -> hours.end(clock.instant()));
        if (quiet.isPresent()) {
            return Uni.createFrom().failure(new QuietException(quiet.get()));
        }
        return store.read(window.window, DigestText.FIRST)
                .chain(folded -> tell(window, manner, folded));
    }

    private Uni<Void> tell(OpenWindow window, Manner manner, Folded folded) {
        Target target = window.window.target();
        if (folded.members().isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Recipient to = Person.of(target.person());
        if (folded.told() == 0) {
            meters.ended(target.source(), target.rule(), target.channel(), Outcome.SUPPRESSED);
            Entry entry = entry(target, to, folded, Outcome.SUPPRESSED, "set back in time", "");
            return store.delivered(folded.members(), entry);
        }
        return manner.digest()
                .message(target.rule(), folded, to)
                .chain(message ->
                        Uni.createFrom()
                                .deferred(() -> channel(target).send(message))
                                .onItemOrFailure()
                                .transformToUni((done, failure) ->
                                        sent(window, folded, to, message.title(), failure)));
    }

    private Channel channel(Target target) {
        Channel channel = channels.get(target.channel());
        if (channel == null) {
            throw new SinkException("There is no channel " + target.channel() + " any more", false);
        }
        return channel;
    }

    private Uni<Void> sent(
            OpenWindow window,
            Folded folded,
            Recipient to,
            String title,
            @Nullable Throwable failure) {
        Target target = window.window.target();
        Outcome outcome = failure == null ? Outcome.SENT : Outcome.FAILED;
        meters.ended(target.source(), target.rule(), target.channel(), outcome);
        if (failure != null && !isGivenUp(window, failure)) {
            return Uni.createFrom().failure(failure);
        }
        String why = failure == null ? null : String.valueOf(failure.getMessage());
        if (why != null) {
            LOG.errorf(
                    "Rule %s: a message about %d changes is given up: %s. It is in wal_monitor.notification_log.",
                    target.rule(), folded.told(), why);
        }
        Entry entry = entry(target, to, folded, outcome, why, title);
        window.sent = new OpenWindow.Sent(folded.members(), entry);
        return store.delivered(folded.members(), entry);
    }

    private boolean isGivenUp(OpenWindow window, Throwable failure) {
        return (failure instanceof SinkException refused && !refused.isRetryable())
                || clock.instant().isAfter(window.window.due().plus(GIVE_UP));
    }

    private Entry entry(
            Target target,
            Recipient to,
            Folded folded,
            Outcome outcome,
            @Nullable String why,
            String title) {
        String change = folded.first().isEmpty() ? "" : folded.first().getFirst().change();
        return new Entry(
                target.source(),
                target.rule(),
                change,
                folded.told() == 0 ? folded.members().size() : folded.told(),
                to.label(),
                target.channel(),
                outcome,
                why,
                title,
                null,
                clock.instant());
    }

    private Manner manner(Target target) {
        return rules.getOrDefault(new RuleName(target.source(), target.rule()), Manner.PLAIN);
    }

    /** The target's next window may be due already. */
    private void done(OpenWindow window) {
        free(window);
        folding.finished(window);
        String source = window.window.target().source();
        if (progress.get().follows(source)) {
            deliver(source);
        }
    }

    private void failed(OpenWindow window, Throwable failure) {
        free(window);
        if (failure instanceof QuietException quiet) {
            folding.postponed(window, quiet.end);
            return;
        }
        window.failures++;
        warn(window.window.target(), failure);
        long seconds = 1L << Math.min(window.failures - 1, 9);
        Duration pause = Duration.ofSeconds(Math.min(seconds, LONGEST_PAUSE.toSeconds()));
        folding.postponed(window, clock.instant().plus(pause));
    }

    /** Once a minute: many messages may fail at once. */
    private void warn(Target target, Throwable failure) {
        Instant now = clock.instant();
        RuleName rule = new RuleName(target.source(), target.rule());
        Instant last = warned.put(rule, now);
        if (last != null && now.isBefore(last.plus(QUIET))) {
            warned.put(rule, last);
            return;
        }
        LOG.warnf(
                "Rule %s: messages that waited cannot be told: %s. They are tried again until they can, for a day.",
                target.rule(), failure.getMessage());
    }

    /** Nobody is told anything just now. */
    private static final class QuietException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Instant end;

        private QuietException(Instant end) {
            super("quiet", null, false, false);
            this.end = end;
        }
    }
}
