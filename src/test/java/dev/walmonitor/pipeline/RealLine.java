package dev.walmonitor.pipeline;

import dev.walmonitor.change.Gap;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.pipeline.RunningPipelines.BoundRule;
import dev.walmonitor.source.Checkpoint;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.postgres.replication.PostgresSource;
import dev.walmonitor.source.postgres.replication.SlotOptions;
import dev.walmonitor.source.postgres.replication.StreamOptions;
import dev.walmonitor.source.postgres.wire.Credentials;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pipeline between a real database and one handler, with nothing in between left out. */
final class RealLine implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final RunningPipelines pipelines = new RunningPipelines(new SimpleMeterRegistry());
    final PostgresSource source;

    /** Follows all tables, with slot and publication of the given name. */
    RealLine(String url, String slot, StreamOptions stream, ChangeHandler handler) {
        this(url, slot, stream, handler, new MemoryParking());
    }

    /**
     * @param parking null for one that parks nothing
     */
    RealLine(
            String url,
            String slot,
            StreamOptions stream,
            ChangeHandler handler,
            @Nullable ParkingStore parking) {
        ContextInternal context = ((VertxInternal) vertx).createEventLoopContext();
        this.source =
                new PostgresSource(
                        "main",
                        wire(DatabaseUrl.parse(url)),
                        new SlotOptions(
                                        slot,
                                        slot,
                                        true,
                                        Duration.ofSeconds(4),
                                        Duration.ofSeconds(1))
                                .withStream(stream),
                        vertx,
                        context,
                        new SimpleMeterRegistry());
        pipelines.open(
                source,
                new VertxLoop(context.nettyEventLoop()),
                new RunningPipelines.Options(8, Duration.ZERO, Duration.ofSeconds(60)),
                new InMemory(),
                parking);
        pipelines.begin("main", List.of(new BoundRule(Rules.of("r", "*"), handler)));
    }

    private static WireOptions wire(DatabaseUrl url) {
        String password = Objects.requireNonNull(url.password()).value();
        return WireOptions.of(
                url.host(),
                url.port(),
                url.database(),
                () -> Future.succeededFuture(Credentials.of(url.user(), password.toCharArray())));
    }

    PipelineStatus status() {
        return pipelines.statuses().getFirst();
    }

    @Override
    public void close() {
        pipelines.drain(Duration.ofSeconds(8)).await().atMost(Duration.ofSeconds(10));
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static final class InMemory implements WatermarkStore {
        private volatile @Nullable Checkpoint stored;

        @Override
        public Uni<Optional<Checkpoint>> load(String source) {
            return Uni.createFrom().item(() -> Optional.ofNullable(stored));
        }

        @Override
        public Uni<Void> begin(
                String source,
                Checkpoint checkpoint,
                @Nullable Gap gap,
                Map<String, Remedy> rules) {
            return store(source, checkpoint);
        }

        @Override
        public Uni<Void> store(String source, Checkpoint checkpoint) {
            return Uni.createFrom().voidItem().invoke(() -> stored = checkpoint);
        }
    }
}
