package dev.walmonitor.source.postgres.replication;

import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.source.Checkpoint;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.postgres.wire.Credentials;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Follows a database's log and keeps what it is told. It confirms, or asks for more, only when the
 * test says so.
 */
final class Follower implements MultiSubscriber<ChangeBatch>, AutoCloseable {
    static final Vertx VERTX = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));

    final PostgresSource source;
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final List<ChangeEvent> events = new CopyOnWriteArrayList<>();
    private final boolean greedy;
    private volatile Flow.@Nullable Subscription subscription;
    volatile @Nullable Throwable failure;
    volatile boolean confirms = true;

    /** What is on record when a stream begins, kept as a pipeline would. */
    volatile @Nullable Checkpoint stored;

    Follower(DatabaseUrl url, SlotOptions options, Interest interest, boolean greedy) {
        this(wire(url), options, interest, greedy);
    }

    Follower(WireOptions wire, SlotOptions options, Interest interest, boolean greedy) {
        this(wire, options, interest, greedy, null);
    }

    Follower(
            WireOptions wire,
            SlotOptions options,
            Interest interest,
            boolean greedy,
            @Nullable Checkpoint stored) {
        this.stored = stored;
        this.greedy = greedy;
        Context context = Objects.requireNonNull(eventLoop());
        this.source = new PostgresSource("main", wire, options, VERTX, context, registry);
        source.changes(interest, () -> Uni.createFrom().item(Optional.ofNullable(stored)))
                .subscribe()
                .withSubscriber(this);
    }

    /** As the URL says, without TLS. */
    static WireOptions wire(DatabaseUrl url) {
        String password = Objects.requireNonNull(url.password()).value();
        return WireOptions.of(
                url.host(),
                url.port(),
                url.database(),
                () -> Future.succeededFuture(Credentials.of(url.user(), password.toCharArray())));
    }

    private static Context eventLoop() {
        return ((io.vertx.core.impl.VertxInternal) VERTX).createEventLoopContext();
    }

    /** Follows everything in the database, with a slot and publication of the given name. */
    static Follower of(String url, String slot) {
        return new Follower(DatabaseUrl.parse(url), options(slot), Interest.ALL, true);
    }

    /** As {@link #of}, in a process that goes on from what another one has stored. */
    static Follower of(String url, SlotOptions options, @Nullable Checkpoint stored) {
        return new Follower(wire(DatabaseUrl.parse(url)), options, Interest.ALL, true, stored);
    }

    static SlotOptions options(String name) {
        return new SlotOptions(name, name, true, Duration.ofSeconds(4), Duration.ofSeconds(1));
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        subscription = s;
        if (greedy) {
            s.request(Long.MAX_VALUE);
        }
    }

    void request(long n) {
        await().until(() -> subscription != null);
        Objects.requireNonNull(subscription).request(n);
    }

    @Override
    public void onItem(ChangeBatch batch) {
        events.addAll(batch.events());
        for (ChangeEvent event : batch.events()) {
            if (event instanceof ChangeEvent.Resumed resumed) {
                resumed(resumed);
            }
            if (confirms) {
                confirm(event);
            }
        }
    }

    private void resumed(ChangeEvent.Resumed resumed) {
        Checkpoint before = stored;
        if (before == null || !before.log().equals(resumed.log())) {
            stored = new Checkpoint(resumed.log(), resumed.from());
        }
    }

    /** The beginnings of the stream so far. */
    List<ChangeEvent.Resumed> beginnings() {
        return events.stream()
                .filter(ChangeEvent.Resumed.class::isInstance)
                .map(ChangeEvent.Resumed.class::cast)
                .toList();
    }

    private void confirm(ChangeEvent event) {
        Position done =
                switch (event) {
                    case ChangeEvent.Commit commit -> commit.end();
                    case ChangeEvent.Progress progress -> progress.position();
                    case ChangeEvent.Message message ->
                            message.transaction() == null ? message.position() : null;
                    case ChangeEvent.Begin b -> null;
                    case ChangeEvent.Resumed r -> null;
                    case ChangeEvent.Missed m -> null;
                    case RowChange c -> null;
                };
        if (done != null) {
            Checkpoint before = Objects.requireNonNull(stored);
            stored = new Checkpoint(before.log(), Position.later(before.watermark(), done));
            source.confirm(done);
        }
    }

    @Override
    public void onFailure(Throwable t) {
        failure = t;
    }

    @Override
    public void onCompletion() {}

    List<RowChange> changes() {
        return events.stream()
                .filter(RowChange.class::isInstance)
                .map(RowChange.class::cast)
                .toList();
    }

    /** What the changes say in a few words, such as {@code INSERT public.t 1}. */
    List<String> told() {
        return changes().stream()
                .map(c ->
                        c.operation()
                                + " "
                                + c.table()
                                + (c.row() == null ? "" : " " + c.row().text("id")))
                .toList();
    }

    SourceState state() {
        return source.status().state();
    }

    @com.google.errorprone.annotations.CanIgnoreReturnValue
    Follower awaitState(SourceState state) {
        await().atMost(Duration.ofSeconds(15)).until(() -> state() == state);
        return this;
    }

    void awaitChanges(int count) {
        await().atMost(Duration.ofSeconds(15)).until(() -> changes().size() >= count);
    }

    @Override
    public void close() {
        source.close().await().atMost(Duration.ofSeconds(20));
    }
}
