package dev.walmonitor.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.embedded.FaultProxy;
import dev.walmonitor.embedded.FaultProxy.Direction;
import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Filter;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.source.Checkpoint;
import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.postgres.replication.PostgresSource;
import dev.walmonitor.source.postgres.replication.SlotOptions;
import dev.walmonitor.source.postgres.wire.Credentials;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that dies at each step between a change and the server's knowing of it, and the next
 * one: the source, the pipeline and a real server, with a network that goes dead with the process.
 */
class FailpointTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final int ROWS = 30;

    /** Where the first process dies. */
    enum Failpoint {
        BEFORE_HANDLER,
        AFTER_HANDLER,
        BEFORE_STORE,
        AFTER_STORE,
        BEFORE_STATUS,
        AFTER_STATUS
    }

    private final PostgresServer server = SharedServers.postgres();
    private final String slot = "failpoint_" + SharedServers.number();
    private final String url = SharedServers.freshDatabase();
    private final String database = DatabaseUrl.parse(url).database();

    @AfterAll
    static void close() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    /** What outlives a process. */
    private final List<RowChange> handled = new CopyOnWriteArrayList<>();

    private volatile @Nullable Checkpoint stored;

    /** One process, with its own way to the server. */
    private final class Life implements WatermarkStore {
        private final @Nullable Failpoint failpoint;
        private final AtomicInteger crossings = new AtomicInteger();
        private final FaultProxy proxy = FaultProxy.to(server);
        private final RunningPipelines pipelines;
        private volatile boolean dead;

        private Life(@Nullable Failpoint failpoint) {
            this.failpoint = failpoint;
            ContextInternal context = ((VertxInternal) VERTX).createEventLoopContext();
            DatabaseUrl through = DatabaseUrl.parse(proxy.through(url));
            String password = Objects.requireNonNull(through.password()).value();
            SimpleMeterRegistry registry = new SimpleMeterRegistry();
            PostgresSource source =
                    new PostgresSource(
                            "main",
                            WireOptions.of(
                                    through.host(),
                                    through.port(),
                                    through.database(),
                                    () ->
                                            Future.succeededFuture(
                                                    Credentials.of(
                                                            through.user(),
                                                            password.toCharArray()))),
                            new SlotOptions(
                                    slot, slot, true, Duration.ofSeconds(4), Duration.ofSeconds(1)),
                            VERTX,
                            context,
                            registry);
            pipelines = new RunningPipelines(registry);
            pipelines.open(
                    source,
                    new VertxLoop(context.nettyEventLoop()),
                    new RunningPipelines.Options(4, Duration.ZERO, Duration.ofSeconds(60)),
                    this,
                    new MemoryParking());
            Rule rule =
                    new Rule(
                            "all",
                            "test",
                            "main",
                            new Filter(
                                    List.of(TablePattern.parse("public.t")),
                                    EnumSet.allOf(Operation.class)),
                            Rule.Retry.DEFAULT);
            pipelines.begin("main", List.of(new RunningPipelines.BoundRule(rule, this::handle)));
        }

        private Uni<HandlerResult> handle(RowChange change) {
            if (crosses(Failpoint.BEFORE_HANDLER)) {
                return Uni.createFrom().nothing();
            }
            handled.add(change);
            if (crosses(Failpoint.AFTER_HANDLER)) {
                return Uni.createFrom().nothing();
            }
            return Uni.createFrom().item(HandlerResult.NONE);
        }

        /** Whether the process is dead, which it may become by this. */
        private boolean crosses(Failpoint point) {
            int after = point.name().endsWith("HANDLER") ? ROWS / 2 : 1;
            if (point == failpoint && crossings.incrementAndGet() == after) {
                die();
            }
            return dead;
        }

        private void die() {
            dead = true;
            proxy.refuse();
            proxy.cutAll();
        }

        @Override
        public Uni<Optional<Checkpoint>> load(String source) {
            return Uni.createFrom().item(Optional.ofNullable(stored));
        }

        @Override
        public Uni<Void> begin(
                String source,
                Checkpoint checkpoint,
                @Nullable Gap gap,
                Map<String, Remedy> rules) {
            assertThat(gap).isNull();
            stored = checkpoint;
            return Uni.createFrom().voidItem();
        }

        @Override
        public Uni<Void> store(String source, Checkpoint checkpoint) {
            if (failpoint == Failpoint.BEFORE_STORE) { // time enough to tell what is not stored
                VERTX.setTimer(300, timer -> die());
                return Uni.createFrom().nothing();
            }
            stored = checkpoint;
            if (crosses(Failpoint.AFTER_STORE)) {
                return Uni.createFrom().nothing();
            }
            if (failpoint == Failpoint.BEFORE_STATUS) {
                proxy.set(Direction.TO_SERVER, FaultProxy.Fault.HOLD);
                VERTX.setTimer(300, timer -> die());
            }
            return Uni.createFrom().voidItem();
        }

        private void awaitEnd() {
            if (failpoint == Failpoint.AFTER_STATUS) {
                await().atMost(Duration.ofSeconds(15))
                        .until(() -> handled.size() >= ROWS && confirmed().equals(watermark()));
                die();
            }
            await().atMost(Duration.ofSeconds(15)).until(() -> dead);
        }

        private void leave() {
            pipelines.drain(Duration.ofSeconds(2)).await().atMost(Duration.ofSeconds(5));
            proxy.close();
        }
    }

    private Position watermark() {
        return Objects.requireNonNull(stored).watermark();
    }

    private Position confirmed() {
        return Lsn.parse(
                String.valueOf(
                        server.query(
                                database,
                                "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
                                        + slot
                                        + "'")));
    }

    private void awaitSlotFree() {
        await().atMost(Duration.ofSeconds(15))
                .until(() ->
                        "f"
                                .equals(
                                        server.query(
                                                database,
                                                "SELECT active FROM pg_replication_slots WHERE slot_name = '"
                                                        + slot
                                                        + "'")));
    }

    @ParameterizedTest
    @EnumSource
    void f28_whateverStepAProcessDiesAtNothingIsLostAndOnlyWhatIsNotStoredComesAgain(
            Failpoint failpoint) {
        SharedServers.execute(url, "CREATE TABLE t (id int PRIMARY KEY, v int)");
        Life first = new Life(failpoint);
        await().atMost(Duration.ofSeconds(15)).until(() -> stored != null);
        for (int i = 1; i <= ROWS; i++) {
            SharedServers.execute(
                    url,
                    "INSERT INTO t VALUES ("
                            + i % 5
                            + ", "
                            + i
                            + ") ON CONFLICT (id) DO UPDATE SET v = excluded.v");
        }
        first.awaitEnd();
        Position storedAtDeath = watermark();
        Position confirmedAtDeath = confirmed();
        assertThat(confirmedAtDeath.isAfter(storedAtDeath))
                .as("told before it was stored")
                .isFalse();
        int before = handled.size();
        awaitSlotFree();

        Life second = new Life(null);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> versions(handled).size() == ROWS && confirmed().equals(watermark()));
        second.leave();
        awaitSlotFree();
        first.leave();
        server.execute("SELECT pg_drop_replication_slot('" + slot + "')");

        assertThat(versions(handled))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, ROWS).boxed().toList());
        for (RowChange again : handled.subList(before, handled.size())) {
            assertThat(storedAtDeath.isAfter(again.transaction().commit()))
                    .as(
                            "%s comes again, though everything before %s is stored",
                            again.id(), storedAtDeath)
                    .isFalse();
        }
        inOrderPerRow(handled.subList(0, before));
        inOrderPerRow(handled.subList(before, handled.size()));
    }

    private static int version(RowChange change) {
        return Integer.parseInt(Objects.requireNonNull(change.row()).text("v"));
    }

    private static List<Integer> versions(List<RowChange> changes) {
        return new ArrayList<>(changes)
                .stream().map(FailpointTest::version).distinct().sorted().toList();
    }

    private static void inOrderPerRow(List<RowChange> changes) {
        for (int key = 0; key < 5; key++) {
            int of = key;
            assertThat(changes.stream().map(FailpointTest::version).filter(v -> v % 5 == of))
                    .isSorted();
        }
    }
}
