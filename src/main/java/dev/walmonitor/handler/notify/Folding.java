package dev.walmonitor.handler.notify;

import dev.walmonitor.change.ChangeId;
import dev.walmonitor.handler.Notifications;
import dev.walmonitor.handler.Notifications.Member;
import dev.walmonitor.handler.Notifications.Move;
import dev.walmonitor.handler.Notifications.Target;
import dev.walmonitor.handler.Notifications.Waiting;
import dev.walmonitor.handler.Notifications.Window;
import dev.walmonitor.sink.Message;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Puts changes that are told together into windows, and makes them durable: those that come while
 * one statement runs are stored with the next. What it knows of windows is only where the next
 * member goes and when they are due; what is in them, the store knows. Thread-safe.
 */
final class Folding {
    /** As many members are stored with one statement. */
    private static final int BATCH = 1_000;

    /** A window with more takes no further ones. */
    static final long MOST_MEMBERS = 200_000;

    /** A transaction whose end is not known is told after that. */
    static final Duration TRANSACTION_PATIENCE = Duration.ofSeconds(60);

    /**
     * One message that waits.
     *
     * @param change its id among all of all sources
     * @param source the change's place in the log
     */
    record Item(
            Storm storm,
            Target target,
            String change,
            ChangeId source,
            @Nullable Move move,
            Message message) {}

    private record Pending(Member member, OpenWindow window, UniEmitter<? super Void> done) {}

    private final Notifications store;
    private final InstantSource clock;
    private final Map<Target, Windows> windows = new HashMap<>();
    private final Deque<Pending> queue = new ArrayDeque<>();
    private boolean storing;

    Folding(Notifications store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Completes when the message will be told, whatever becomes of this process. */
    Uni<Void> fold(Item item) {
        return Uni.createFrom()
                .emitter(done -> {
                    synchronized (this) {
                        OpenWindow window = window(item);
                        queue.add(new Pending(member(item, window), window, done));
                        window.pending++;
                        window.members++;
                        if (storing) {
                            return;
                        }
                        storing = true;
                    }
                    store();
                });
    }

    private OpenWindow window(Item item) {
        Instant now = clock.instant();
        Windows known = windows.computeIfAbsent(item.target(), target -> new Windows());
        OpenWindow window =
                known.joinable(item, now)
                        .orElseGet(() -> {
                            OpenWindow fresh = open(item, now, known.inOrder.size());
                            known.inOrder.add(fresh);
                            return fresh;
                        });
        Move move = item.move();
        if (move != null) {
            window.rows.add(move.row());
            known.byRow.put(move.row(), window);
        }
        return window;
    }

    /** Those of one target. */
    private static final class Windows {
        /** How many of the latest ones are asked for a place. */
        private static final int LOOKED_AT = 16;

        private final Deque<OpenWindow> inOrder = new ArrayDeque<>();
        private final Map<String, OpenWindow> byRow = new HashMap<>();

        /** A row that a window knows belongs to it until the end; others while it takes some. */
        private Optional<OpenWindow> joinable(Item item, Instant now) {
            Move move = item.move();
            OpenWindow own = move == null ? null : byRow.get(move.row());
            if (own != null && isOpen(own, now)) {
                return Optional.of(own);
            }
            Iterator<OpenWindow> latest = inOrder.descendingIterator();
            for (int i = 0; i < LOOKED_AT && latest.hasNext(); i++) {
                OpenWindow window = latest.next();
                if (isOpen(window, now) && takes(item, window, now)) {
                    return Optional.of(window);
                }
            }
            return Optional.empty();
        }

        private static boolean isOpen(OpenWindow window, Instant now) {
            return !window.delivering
                    && window.sent == null
                    && window.failures == 0
                    && now.isBefore(window.due);
        }

        private void remove(OpenWindow window) {
            inOrder.remove(window);
            window.rows.forEach(row -> byRow.remove(row, window));
        }
    }

    private static boolean takes(Item item, OpenWindow window, Instant now) {
        if (window.members >= MOST_MEMBERS) {
            return false;
        }
        if (item.storm().digest() instanceof Storm.Digest.Transaction) {
            return window.window.id().startsWith(transaction(item));
        }
        return now.isBefore(window.joinUntil)
                && !(window.adopted && item.storm().reverted().isPresent());
    }

    private static String transaction(Item item) {
        return "transaction " + item.source().commit().text() + " ";
    }

    private OpenWindow open(Item item, Instant now, int before) {
        Storm storm = item.storm();
        Instant join =
                switch (storm.digest()) {
                    case Storm.Digest.Never never -> now;
                    case Storm.Digest.Within within -> now.plus(within.time());
                    case Storm.Digest.Transaction transaction -> now.plus(TRANSACTION_PATIENCE);
                };
        boolean held = item.move() != null || storm.foldsAll();
        Instant due = join.plus(held ? storm.held() : Duration.ZERO);
        Optional<Instant> quiet = storm.quiet().flatMap(hours -> hours.end(due));
        String id =
                storm.digest() instanceof Storm.Digest.Transaction
                        ? transaction(item) + before
                        : UUID.randomUUID().toString();
        return new OpenWindow(new Window(item.target(), id, quiet.orElse(due)), quiet.orElse(join));
    }

    /** The body is told only if the change turns out to be the only one. */
    private static Member member(Item item, OpenWindow window) {
        boolean early = window.members < DigestText.FIRST;
        return new Member(
                window.window,
                item.change(),
                item.source().commit().number(),
                item.source().ordinal(),
                item.move(),
                item.message().title(),
                early ? item.message().body() : null,
                early ? item.message().link() : null);
    }

    private void store() {
        List<Pending> batch = new ArrayList<>();
        synchronized (this) {
            while (batch.size() < BATCH && !queue.isEmpty()) {
                batch.add(queue.removeFirst());
            }
            if (batch.isEmpty()) {
                storing = false;
                return;
            }
        }
        var _ =
                store.fold(batch.stream().map(Pending::member).toList())
                        .subscribe()
                        .with(
                                done -> {
                                    stored(batch);
                                    batch.forEach(one -> one.done().complete(null));
                                },
                                failure -> {
                                    stored(batch);
                                    batch.forEach(one -> one.done().fail(failure));
                                });
    }

    private void stored(List<Pending> batch) {
        synchronized (this) {
            batch.forEach(one -> one.window().pending--);
        }
        store();
    }

    /** Takes what the store knows of a source, from before the start or of another instance. */
    synchronized void adopt(List<Waiting> waiting) {
        for (Waiting found : waiting) {
            Windows known = windows.computeIfAbsent(found.window().target(), t -> new Windows());
            boolean isKnown =
                    known.inOrder.stream().anyMatch(w -> w.window.id().equals(found.window().id()));
            if (!isKnown) {
                OpenWindow window = new OpenWindow(found);
                known.inOrder.add(window);
                window.rows.forEach(row -> known.byRow.putIfAbsent(row, window));
            }
        }
    }

    /** Another instance follows the source now: what waits is its business. */
    synchronized void forget(String source) {
        windows.forEach((target, known) -> {
            if (target.source().equals(source)) {
                known.inOrder.stream()
                        .filter(window -> window.pending == 0 && !window.delivering)
                        .toList()
                        .forEach(known::remove);
            }
        });
        windows.values().removeIf(known -> known.inOrder.isEmpty());
    }

    /**
     * The windows of a source whose time has come, one of a target at a time; they are taken.
     *
     * @param busy how many each channel has; what is taken is added
     * @param most how many one may have
     */
    synchronized List<OpenWindow> takeDue(String source, Map<String, Integer> busy, int most) {
        Instant now = clock.instant();
        List<OpenWindow> due = new ArrayList<>();
        for (Map.Entry<Target, Windows> entry : windows.entrySet()) {
            Target target = entry.getKey();
            OpenWindow first = entry.getValue().inOrder.peekFirst();
            if (first != null
                    && target.source().equals(source)
                    && !first.delivering
                    && first.pending == 0
                    && !now.isBefore(first.due)
                    && busy.getOrDefault(target.channel(), 0) < most) {
                first.delivering = true;
                busy.merge(target.channel(), 1, Integer::sum);
                due.add(first);
            }
        }
        return due;
    }

    /** It is told and on record. */
    synchronized void finished(OpenWindow window) {
        Windows known = windows.get(window.window.target());
        if (known != null) {
            known.remove(window);
            if (known.inOrder.isEmpty()) {
                windows.remove(window.window.target());
            }
        }
    }

    /** It could not be told, and is due again then. */
    synchronized void postponed(OpenWindow window, Instant until) {
        window.delivering = false;
        window.due = until;
    }

    /** The windows of a rule's transactions whose end is not known yet. */
    synchronized List<OpenWindow> transactions(String source, String rule) {
        Instant now = clock.instant();
        Instant unknown = now.plus(TRANSACTION_PATIENCE);
        return windows.entrySet().stream()
                .filter(entry -> entry.getKey().source().equals(source))
                .filter(entry -> entry.getKey().rule().equals(rule))
                .flatMap(entry -> entry.getValue().inOrder.stream())
                .filter(window -> window.window.id().startsWith("transaction "))
                .filter(window -> window.due.isAfter(now) && !window.due.isAfter(unknown))
                .filter(window -> window.failures == 0)
                .toList();
    }

    /** All changes of the transactions are there. */
    synchronized void complete(List<OpenWindow> transactions) {
        Instant now = clock.instant();
        transactions.stream()
                .filter(window -> window.due.isAfter(now) && window.failures == 0)
                .forEach(window -> window.due = now);
    }
}
