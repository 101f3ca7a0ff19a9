package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.source.Backoff;
import dev.walmonitor.source.Broadcast;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceException;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import dev.walmonitor.source.postgres.pgoutput.PgOutputDecoder;
import dev.walmonitor.source.postgres.wire.Sql;
import dev.walmonitor.source.postgres.wire.WireConnection;
import dev.walmonitor.source.postgres.wire.WireException;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL database's log, by logical replication: one stream at a time, begun again whenever
 * it ends. Its state is owned by the event loop of the context that it was made with; {@link
 * #status} is a published copy.
 */
public final class PostgresSource
        implements ChangeSource, DemandGate.Filler, ReplicationSession.Owner {
    private static final Logger LOG = Logger.getLogger(PostgresSource.class);
    private static final Duration SLOWLY = Duration.ofMinutes(1);
    private static final Duration PREPARATION = Duration.ofMinutes(1);
    private static final Duration STANDBY = Duration.ofSeconds(1);

    private final String name;
    private final WireOptions wire;
    private final SlotOptions options;
    private final Vertx vertx;
    private final ContextInternal context;
    private final MeterRegistry registry;
    private final Remedies remedies;
    private final ControlConnection control;
    private final DemandGate gate;
    private final Backoff backoff =
            new Backoff(
                    Duration.ofMillis(200), Duration.ofSeconds(15), RandomGenerator.getDefault());
    private final Broadcast<SourceStatus> statusChanges = new Broadcast<>();
    private final StatusBoard board;

    private @Nullable Interest interest;
    private @Nullable ReplicationSession session;
    private @Nullable WireConnection streaming;
    private Preparation.@Nullable Memory memory;
    private @Nullable Lsn wantedConfirmed;
    private int failures;
    private boolean closed;
    private @Nullable Runnable whenEnded;

    /**
     * @param context an event-loop context, on which everything is delivered
     */
    public PostgresSource(
            String name,
            WireOptions wire,
            SlotOptions options,
            Vertx vertx,
            Context context,
            MeterRegistry registry) {
        this.name = name;
        this.wire =
                wire.withSetting("wal_sender_timeout", options.walSenderTimeout().toMillis() + "ms")
                        .withApplicationName("wal-monitor " + name);
        this.options = options;
        this.vertx = vertx;
        this.context = (ContextInternal) context;
        this.registry = registry;
        this.remedies = new Remedies(options, wire.address() + "/" + wire.database());
        this.control =
                new ControlConnection(vertx, wire.withApplicationName("wal-monitor " + name));
        this.gate = new DemandGate(this::onLoop, this);
        this.board = new StatusBoard(name);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Multi<ChangeBatch> changes(Interest wanted) {
        return Multi.createFrom()
                .deferred(() -> {
                    onLoop(() -> interest = wanted);
                    return Multi.createFrom().publisher(gate);
                });
    }

    @Override
    public void started() {
        connect();
    }

    @Override
    public void opened() {
        if (session != null) {
            session.gateOpened();
        }
    }

    @Override
    public void cancelled() {
        var _ = close().subscribeAsCompletionStage();
    }

    private void connect() {
        if (closed) {
            return;
        }
        if (board.failure() == null) {
            enter(SourceState.CONNECTING, null);
        }
        WireConnection.connect(vertx, wire)
                .onSuccess(this::prepare)
                .onFailure(failure -> failed(remedies.of(failure)));
    }

    private void prepare(WireConnection connection) {
        Interest wanted = Objects.requireNonNull(interest);
        after(PREPARATION, () -> giveUpUnlessStreaming(connection));
        Preparation.of(
                        connection,
                        new Slot(options, remedies),
                        new Publication(options, wanted),
                        memory)
                .compose(prepared -> stream(connection, prepared, wanted))
                .onFailure(failure -> {
                    var _ = connection.close();
                    failed(remedies.of(failure));
                });
    }

    /** A slot that cannot be made while others' transactions are open is asked for again. */
    private void giveUpUnlessStreaming(WireConnection connection) {
        if (connection != streaming && !connection.isClosed()) {
            LOG.warnf(
                    "Source %s: no stream after %d s. A new slot waits for every transaction that is"
                            + " open; a long one shows in pg_stat_activity.",
                    name, PREPARATION.toSeconds());
            var _ = connection.close();
        }
    }

    private Future<Void> stream(WireConnection connection, Preparation prepared, Interest wanted) {
        memory = new Preparation.Memory(prepared.server().systemId(), prepared.startAt());
        ReplicationSession next =
                new ReplicationSession(
                        connection,
                        prepared,
                        options.heartbeatInterval(),
                        new TransactionAssembler(name),
                        new PgOutputDecoder(wanted, prepared.keys()),
                        gate,
                        this::after,
                        this);
        return connection
                .copyBoth(startReplication(prepared.startAt()), next)
                .onSuccess(begun -> {
                    streaming = connection;
                    began(next);
                });
    }

    private String startReplication(Lsn from) {
        return "START_REPLICATION SLOT "
                + Sql.identifier(options.slot())
                + " LOGICAL "
                + from.text()
                + " (proto_version '1', publication_names "
                + Sql.literal(Sql.identifier(options.publication()))
                + ", messages 'true')";
    }

    private void began(ReplicationSession begun) {
        session = begun;
        if (closed) {
            begun.close();
            return;
        }
        failures = 0;
        board.show(begun);
        enter(SourceState.STREAMING, null);
        if (wantedConfirmed != null) {
            confirmOnLoop(wantedConfirmed);
        }
        begun.begin();
        watch(begun);
    }

    /** Publishes figures, and tells a silent server from a quiet one. */
    private void watch(ReplicationSession watched) {
        if (session != watched) {
            return;
        }
        board.show(watched);
        SourceState state = watched.isSilent() ? SourceState.STALLED : SourceState.STREAMING;
        if (board.state() != state) {
            enter(state, null);
        }
        after(Duration.ofMillis(500), () -> watch(watched));
    }

    @Override
    public void keyWanted(ReplicationSession asking, int oid) {
        control.query(Catalogue.primaryKeys(oid))
                .map(result -> Catalogue.keys(result.rows()).get(oid))
                .onSuccess(key -> asking.keyLearned(oid, key))
                .onFailure(failure -> {
                    LOG.debugf(
                            "Source %s: the key of table %d cannot be read yet: %s",
                            name, oid, failure.getMessage());
                    if (asking == session) {
                        after(Duration.ofSeconds(1), () -> keyWanted(asking, oid));
                    }
                });
    }

    @Override
    public void ended(ReplicationSession over, @Nullable WireException cause) {
        board.show(over);
        Preparation.Memory known = Objects.requireNonNull(memory);
        memory =
                new Preparation.Memory(
                        known.systemId(), Position.later(over.whole(), over.confirmed()));
        session = null;
        if (whenEnded != null) {
            whenEnded.run();
        }
        if (!closed) {
            failed(
                    cause == null
                            ? new SourceFailure(
                                    SourceState.CONNECTING,
                                    "57P01",
                                    "The server ended the stream.",
                                    null,
                                    SourceFailure.Retry.SOON)
                            : remedies.of(cause));
        }
    }

    private void failed(SourceFailure failure) {
        if (closed) {
            return;
        }
        registry.counter("wal_monitor_reconnects", "source", name, "sqlstate", failure.code())
                .increment();
        failures++;
        enter(failure.state(), failure);
        switch (failure.retry()) {
            case SOON ->
                    after(
                            failure.state() == SourceState.STANDBY
                                    ? STANDBY
                                    : backoff.after(failures),
                            this::connect);
            case SLOWLY -> after(SLOWLY, this::connect);
            case NEVER -> gate.fail(new SourceException(failure));
        }
    }

    private void enter(SourceState state, @Nullable SourceFailure failure) {
        if (board.enter(state, failure, Instant.now())) {
            report(state, failure);
            statusChanges.tell(status());
        }
    }

    private void report(SourceState state, @Nullable SourceFailure failure) {
        switch (state) {
            case CONNECTING -> {
                if (failure != null) {
                    LOG.warnf("Source %s: %s Trying again.", name, failure.message());
                }
            }
            case STANDBY ->
                    LOG.infof(
                            "Source %s: standby. %s",
                            name, failure == null ? "" : failure.message());
            case STREAMING ->
                    LOG.infof(
                            "Source %s: streaming from %s/%s, slot %s, publication %s",
                            name,
                            wire.address(),
                            wire.database(),
                            options.slot(),
                            options.publication());
            case STALLED -> LOG.warnf("Source %s: the server has fallen silent.", name);
            case FAILED, SLOT_LOST, POISONED ->
                    LOG.errorf(
                            "Source %s: %s",
                            name, failure == null ? state.toString() : failure.message());
            case STOPPED -> LOG.infof("Source %s: stopped.", name);
        }
    }

    @Override
    public void confirm(Position position) {
        switch (position) {
            case Lsn lsn -> onLoop(() -> confirmOnLoop(lsn));
        }
    }

    private void confirmOnLoop(Lsn position) {
        wantedConfirmed = position;
        if (session != null) {
            session.confirm(position);
        }
    }

    @Override
    public SourceStatus status() {
        return board.status();
    }

    @Override
    public Multi<SourceStatus> statusChanges() {
        return statusChanges.news();
    }

    @Override
    public Uni<List<Relation>> relations() {
        return ask(Catalogue.RELATIONS).map(Catalogue::relations);
    }

    @Override
    public Uni<LogGauges> gauges() {
        String end =
                "case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end";
        return ask("select greatest(pg_wal_lsn_diff("
                        + end
                        + ", confirmed_flush_lsn), 0)::int8,"
                        + " greatest(pg_wal_lsn_diff("
                        + end
                        + ", restart_lsn), 0)::int8, active"
                        + " from pg_catalog.pg_replication_slots where slot_name = "
                        + Sql.literal(options.slot()))
                .map(rows ->
                        rows.isEmpty()
                                ? new LogGauges(0, 0, false)
                                : new LogGauges(
                                        number(rows.getFirst().get(0)),
                                        number(rows.getFirst().get(1)),
                                        "t".equals(rows.getFirst().get(2))));
    }

    private static long number(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }

    /** Asks over the control connection; fails with a {@link SourceException}. */
    private Uni<List<List<@Nullable String>>> ask(String sql) {
        return Uni.createFrom()
                .emitter(emitter ->
                        onLoop(() ->
                                control.query(sql)
                                        .onSuccess(result -> emitter.complete(result.rows()))
                                        .onFailure(failure ->
                                                emitter.fail(refused(remedies.of(failure))))));
    }

    /** Until there is a stream, what the control connection meets is how the source stands. */
    private SourceException refused(SourceFailure failure) {
        if (interest == null && !closed) {
            enter(failure.state(), failure);
        }
        return new SourceException(failure);
    }

    @Override
    public Uni<Void> close() {
        return Uni.createFrom()
                .emitter(emitter ->
                        onLoop(() -> {
                            closed = true;
                            Runnable done =
                                    () ->
                                            control.close()
                                                    .onComplete(gone -> {
                                                        enter(SourceState.STOPPED, null);
                                                        gate.complete();
                                                        emitter.complete(null);
                                                    });
                            if (session == null) {
                                done.run();
                            } else {
                                whenEnded = done;
                                session.close();
                            }
                        }));
    }

    /**
     * Runs at once if the caller is on the loop, else soon; always with the source's own context.
     */
    private void onLoop(Runnable task) {
        if (context.nettyEventLoop().inEventLoop()) {
            context.dispatch(task);
        } else {
            context.runOnContext(ignored -> task.run());
        }
    }

    private void after(Duration delay, Runnable task) {
        var _ =
                context.nettyEventLoop()
                        .schedule(
                                () -> context.dispatch(task),
                                delay.toNanos(),
                                TimeUnit.NANOSECONDS);
    }
}
