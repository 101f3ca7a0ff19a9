package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Backoff;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.Broadcast;
import dev.walmonitor.source.ChangeSource;
import dev.walmonitor.source.Checkpoint;
import dev.walmonitor.source.Checkpoints;
import dev.walmonitor.source.Consent;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceException;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.SourceStatus;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage;
import dev.walmonitor.source.postgres.replication.Resumption.Known;
import dev.walmonitor.source.postgres.types.TypeCatalogue;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.Sql;
import dev.walmonitor.source.postgres.wire.WireConnection;
import dev.walmonitor.source.postgres.wire.WireException;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL database's log, by logical replication: one stream at a time, begun again whenever
 * it ends. Its state is owned by the event loop of the context that it was made with; {@link
 * #status} is a published copy.
 */
public final class PostgresSource
        implements ChangeSource,
                DemandGate.Filler,
                ReplicationSession.Owner,
                PublicationWatch.Listener {
    private static final Duration SLOWLY = Duration.ofMinutes(1);
    private static final Duration STANDBY = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

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
    private final StateLog log;
    private final Patience patience;
    private final StreamStart start;

    private @Nullable Following following;
    private @Nullable ReplicationSession session;
    private final Bypass bypass;
    private volatile @Nullable Blocked blocked;
    private boolean approved;
    private int planned;
    private boolean connecting;
    private @Nullable Known memory;
    private @Nullable String unusable;

    /** The process that read from the slot which is given up, 0 for none; null if none is. */
    private @Nullable Integer leaving;

    private @Nullable Gap untold;
    private @Nullable Lsn wantedConfirmed;
    private int failures;
    private int serverVersion;
    private boolean closed;
    private Runnable lookAtPublication = () -> {};
    private boolean interestMoved;
    private @Nullable Runnable whenEnded;

    /** What is wanted of the log; set once somebody listens. */
    private record Following(
            Interest interest, Checkpoints stored, Publication publication, Preparer preparer) {}

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
        String address = wire.address() + "/" + wire.database();
        this.remedies = new Remedies(name, options, address);
        this.control =
                new ControlConnection(vertx, wire.withApplicationName("wal-monitor " + name));
        this.gate = new DemandGate(this::onLoop, this);
        this.board = new StatusBoard(name);
        this.log = new StateLog(name, options, address);
        this.bypass = new Bypass(name);
        this.patience = new Patience(control, this::after, this::waiting);
        this.start =
                new StreamStart(
                        vertx,
                        this.wire,
                        new Surroundings(
                                name,
                                options,
                                new StreamRequest(options),
                                remedies,
                                gate,
                                this::after,
                                this::onDisk,
                                bypass,
                                registry),
                        patience);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Multi<ChangeBatch> changes(Interest wanted, Checkpoints stored) {
        return Multi.createFrom()
                .deferred(() -> {
                    onLoop(() -> follow(wanted, stored));
                    return Multi.createFrom().publisher(gate);
                });
    }

    private void follow(Interest wanted, Checkpoints stored) {
        Publication publication = new Publication(options, wanted, remedies);
        following =
                new Following(
                        wanted,
                        stored,
                        publication,
                        new Preparer(
                                options, remedies, publication, this::stored, patience::creating));
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
        connecting = true;
        if (board.failure() == null) {
            enter(SourceState.CONNECTING, null);
        }
        WireConnection.connect(vertx, wire)
                .onSuccess(this::prepare)
                .onFailure(failure -> failed(remedies.of(failure)));
    }

    private void prepare(WireConnection connection) {
        Following wanted = Objects.requireNonNull(following);
        patience.begin(connection);
        wanted.preparer()
                .prepare(connection, new Preparer.Past(memory, unusable), mayRebuild())
                .compose(asked -> {
                    Preparation prepared = asked.after(untold);
                    serverVersion = prepared.server().version();
                    return start.begin(
                            connection,
                            prepared,
                            wanted.interest(),
                            this,
                            next -> streams(next, prepared));
                })
                .onComplete(done -> patience.end())
                .onFailure(failure -> {
                    var _ = connection.close();
                    failed(remedies.of(failure));
                });
    }

    private boolean mayRebuild() {
        return approved || (following != null && options.mayRebuild(following.interest()));
    }

    /** What is on record, asked on whatever thread answers, told on ours. */
    private Future<Optional<Checkpoint>> stored() {
        Promise<Optional<Checkpoint>> answer = context.promise();
        Objects.requireNonNull(following)
                .stored()
                .load()
                .subscribe()
                .with(
                        answer::complete,
                        failure ->
                                answer.fail(
                                        new ReplicationException(
                                                Remedies.soon(
                                                        "watermark",
                                                        "How far the source is done cannot be read: "
                                                                + failure.getMessage()))));
        return answer.future();
    }

    private void streams(ReplicationSession next, Preparation prepared) {
        Resumption.Go go = prepared.resumption();
        boolean first = memory == null;
        if (memory != null && !go.log().equals(memory.log())) {
            wantedConfirmed = null;
        }
        Lsn told = prepared.told();
        memory = new Known(go.log(), go.from(), told == null ? go.from() : told);
        untold = null;
        withdraw();
        began(next);
        if (session == next) {
            if (!first && go.gap() == null && !prepared.published().isEmpty()) {
                published(prepared.published());
            }
            remark(prepared.remarks());
            watch(next);
            watchPublication(next, prepared.server());
        }
    }

    private void watchPublication(ReplicationSession watched, Server server) {
        lookAtPublication =
                new PublicationWatch(
                                Objects.requireNonNull(following).publication(),
                                control,
                                options,
                                this::after,
                                this)
                        .watch(watched, server);
        if (interestMoved) {
            interestMoved = false;
            lookAtPublication.run();
        }
    }

    @Override
    public void interestChanged() {
        onLoop(() -> {
            if (session == null) {
                interestMoved = true;
            } else {
                lookAtPublication.run();
            }
        });
    }

    private void began(ReplicationSession begun) {
        session = begun;
        connecting = false;
        if (closed) {
            begun.close();
            return;
        }
        failures = 0;
        board.show(begun);
        enter(SourceState.STREAMING, null);
        Lsn confirmed = wantedConfirmed;
        if (confirmed != null) {
            begun.confirmIfDelivered(confirmed);
        }
        begun.begin();
    }

    /** Publishes figures, and tells a silent server from a quiet one. */
    private void watch(ReplicationSession watched) {
        if (session != watched) {
            return;
        }
        board.show(watched);
        boolean silent = watched.isSilent();
        if (silent != (board.state() == SourceState.STALLED)) {
            enter(
                    silent ? SourceState.STALLED : SourceState.STREAMING,
                    silent ? remedies.silent() : null);
        }
        after(Duration.ofMillis(500), () -> watch(watched));
    }

    @Override
    public void publicationUnfit(SourceFailure failure) {
        if (session != null) {
            session.abort(failure);
        }
    }

    @Override
    public void published(Set<TableName> tables) {
        if (session != null) {
            session.missed(tables, "These tables were not published before.");
        }
    }

    @Override
    public void remark(List<String> sentences) {
        if (board.remark(sentences)) {
            log.remarks(sentences);
            statusChanges.tell(status());
        }
    }

    @Override
    public void keyWanted(ReplicationSession asking, int oid) {
        control.query(Catalogue.primaryKeys(oid))
                .map(result -> Catalogue.keys(result.rows()).get(oid))
                .onSuccess(key -> asking.keyLearned(oid, key))
                .onFailure(failure -> {
                    if (asking == session) {
                        after(Duration.ofSeconds(1), () -> keyWanted(asking, oid));
                    }
                });
    }

    @Override
    public void typesWanted(ReplicationSession asking) {
        control.query(TypeCatalogue.QUERY)
                .map(answer -> TypeCatalogue.of(answer.rows(), serverVersion))
                .onSuccess(asking::typesLearned)
                .onFailure(failure -> {
                    if (asking == session) {
                        after(Duration.ofSeconds(1), () -> typesWanted(asking));
                    }
                });
    }

    @Override
    public void ended(ReplicationSession over, @Nullable WireException cause) {
        board.show(over);
        Known known = Objects.requireNonNull(memory);
        untold = over.untold();
        Lsn told = Position.later(Objects.requireNonNull(known.told()), over.told());
        memory = new Known(known.log(), Position.later(over.whole(), over.confirmed()), told);
        session = null;
        if (whenEnded != null) {
            whenEnded.run();
        }
        if (!closed) {
            SourceFailure ours = over.abortedBy();
            SourceFailure failure =
                    ours != null ? ours : cause == null ? remedies.ended() : remedies.of(cause);
            Blocked where = blockedAt(over);
            blocked = failure.state() == SourceState.POISONED ? where : null;
            failed(remedies.behind(where, failure));
        }
    }

    private Blocked blockedAt(ReplicationSession over) {
        PgOutputMessage.Begin open = over.open();
        Lsn behind = Objects.requireNonNull(memory).position();
        return open == null
                ? new Blocked(null, null, behind)
                : new Blocked(Integer.toUnsignedLong(open.xid()), open.commit(), behind);
    }

    @Override
    public @Nullable Blocked blocked() {
        return board.state() == SourceState.POISONED ? blocked : null;
    }

    @Override
    public Uni<Consent> skip(@Nullable Long xid, @Nullable Position commit) {
        return Uni.createFrom()
                .emitter(emitter -> onLoop(() -> emitter.complete(skipOnLoop(xid, commit))));
    }

    private Consent skipOnLoop(@Nullable Long xid, @Nullable Position commit) {
        Blocked unit = blocked();
        if (unit == null) {
            return new Consent.Refused(
                    "Nothing that cannot be read blocks source "
                            + name
                            + ", which is "
                            + board.state()
                            + ".",
                    null);
        }
        if (!unit.isExact()) {
            return new Consent.Refused(
                    "What blocks source "
                            + name
                            + " lies "
                            + unit
                            + ", and which transaction it is could not be read.",
                    "To give up all that was not read yet, reset the source.");
        }
        if (!unit.is(xid, commit)) {
            return new Consent.Refused(
                    "What blocks source " + name + " is transaction " + unit + ", and no other.",
                    "Name that one.");
        }
        bypass.order(unit);
        connectNow();
        return new Consent.Given(
                "Transaction " + unit + " is passed over; its changes are a gap on record then.");
    }

    @Override
    public Uni<Consent> reset(String why) {
        return Uni.createFrom()
                .emitter(emitter ->
                        onLoop(() -> {
                            Consent.Refused refused = resetRefused();
                            if (refused != null) {
                                emitter.complete(refused);
                            } else {
                                control.query(slotActive())
                                        .onComplete(answer ->
                                                emitter.complete(resetOnLoop(answer, why)));
                            }
                        }));
    }

    @Override
    public Uni<Consent> giveUp(String why) {
        return Uni.createFrom()
                .emitter(emitter ->
                        onLoop(() -> {
                            Consent.Refused refused = notOursToMake();
                            if (refused != null) {
                                emitter.complete(refused);
                            } else {
                                control.query(Retention.question(options.slotLiteral()))
                                        .onComplete(answer ->
                                                emitter.complete(giveUpOnLoop(answer, why)));
                            }
                        }));
    }

    private Consent giveUpOnLoop(AsyncResult<QueryResult> asked, String why) {
        if (asked.failed()) {
            SourceFailure failure = remedies.of(asked.cause());
            return new Consent.Refused(failure.sentence(), failure.remedy());
        }
        Retention kept = Retention.answer(asked.result().rows());
        if (kept == null || unusable != null || connecting) {
            return new Consent.Refused(
                    "Slot " + options.slot() + " is being made, or given up, at this moment.",
                    null);
        }
        int reader = session == null ? 0 : session.reader();
        Consent.Refused refused = kept.refusal(options.slot(), reader);
        if (refused != null) {
            return refused;
        }
        unusable = why;
        approved = true;
        leaving = reader;
        SourceFailure failure = remedies.givenUp(why);
        if (session == null) {
            failed(failure);
        } else {
            session.abort(failure);
        }
        return new Consent.Given(
                "Slot " + options.slot() + " is given up; what was not done is a gap on record.");
    }

    /** Whoever is behind it reads the slot as it is. */
    private void withdraw() {
        unusable = null;
        approved = false;
        leaving = null;
    }

    /**
     * The slot that is given up is dropped only once nobody reads from it: our own process of the
     * server may still be on its way out, and if another instance was quicker, the slot is its.
     */
    private void lookWhoHolds(int was) {
        if (closed || session != null || connecting) {
            return;
        }
        control.query(slotActive())
                .onComplete(answer -> {
                    if (closed || session != null || connecting) {
                        return;
                    }
                    List<List<@Nullable String>> rows =
                            answer.failed() ? List.of() : answer.result().rows();
                    if (rows.isEmpty()) {
                        connectAfter(backoff.after(failures));
                    } else if (String.valueOf(was).equals(rows.getFirst().getFirst())) {
                        after(LOOK_AGAIN, () -> lookWhoHolds(was));
                    } else {
                        withdraw();
                        connectAfter(STANDBY);
                    }
                });
    }

    private Consent.@Nullable Refused resetRefused() {
        if (following != null && !closed && session != null) {
            return active("this instance");
        }
        return notOursToMake();
    }

    private Consent.@Nullable Refused notOursToMake() {
        if (following == null || closed) {
            return new Consent.Refused("Source " + name + " is not started.", null);
        }
        SourceFailure failure = board.failure();
        if (failure != null && failure.state() == SourceState.IDENTITY_MISMATCH) {
            return new Consent.Refused(failure.sentence(), failure.remedy());
        }
        return options.manage()
                ? null
                : new Consent.Refused(
                        "The slot of source " + name + " is not ours to make, as manage is false.",
                        remedies.slotNotManaged().remedy());
    }

    private String slotActive() {
        return "select active_pid from pg_catalog.pg_replication_slots where active and slot_name = "
                + options.slotLiteral();
    }

    private Consent resetOnLoop(AsyncResult<QueryResult> asked, String why) {
        if (asked.failed()) {
            SourceFailure failure = remedies.of(asked.cause());
            return new Consent.Refused(failure.sentence(), failure.remedy());
        }
        if (session != null || !asked.result().rows().isEmpty()) {
            return active(
                    session != null
                            ? "this instance"
                            : "backend " + asked.result().rows().getFirst().getFirst());
        }
        if (connecting) {
            return new Consent.Refused(
                    "Source " + name + " is being connected at this moment.",
                    "Ask again when it has failed, or is reading.");
        }
        unusable = why;
        approved = true;
        connectNow();
        return new Consent.Given(
                "Slot " + options.slot() + " is made anew; what was not read is a gap on record.");
    }

    private Consent.Refused active(String reader) {
        return new Consent.Refused(
                "Slot " + options.slot() + " is active: " + reader + " reads from it.",
                "Stop every instance that reads from it, and run wal-monitor reset --source "
                        + name);
    }

    /** Does not wait for the time at which it would be tried again. */
    private void connectNow() {
        planned++;
        if (session == null && !connecting) {
            connect();
        }
    }

    private void connectAfter(Duration wait) {
        int mine = ++planned;
        after(
                wait,
                () -> {
                    if (mine == planned) {
                        connect();
                    }
                });
    }

    /** A slot is being made, and that takes its time: visible, and not a failure. */
    private void waiting(SourceFailure why) {
        if (!closed && session == null) {
            enter(why.state(), why);
        }
    }

    private void failed(SourceFailure failure) {
        connecting = false;
        if (closed) {
            return;
        }
        registry.counter("wal_monitor_reconnects", "source", name, "sqlstate", failure.code())
                .increment();
        failures++;
        enter(failure.state(), failure);
        boolean rebuilds = false;
        if (Remedies.isBeyondRepair(failure)) {
            unusable = failure.sentence();
            rebuilds = mayRebuild();
        }
        boolean ordered = failure.state() == SourceState.POISONED && bypass.isWaiting();
        switch (rebuilds || ordered ? SourceFailure.Retry.SOON : failure.retry()) {
            case SOON -> {
                Integer reader = leaving;
                if (reader != null) {
                    lookWhoHolds(reader);
                } else {
                    connectAfter(
                            failure.state() == SourceState.STANDBY
                                    ? STANDBY
                                    : backoff.after(failures));
                }
            }
            case SLOWLY -> connectAfter(SLOWLY);
            case NEVER -> gate.fail(new SourceException(failure));
        }
    }

    private void enter(SourceState state, @Nullable SourceFailure failure) {
        if (board.enter(state, failure, Instant.now())) {
            log.entered(state, failure);
            statusChanges.tell(status());
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
        return ask(SlotGauges.question(options.slotLiteral())).map(SlotGauges::answer);
    }

    @Override
    public Uni<Position> mark(String content) {
        return ask("select pg_logical_emit_message(true, "
                        + Sql.literal(TransactionAssembler.OWN_PREFIX)
                        + ", "
                        + Sql.literal(content)
                        + ")")
                .map(rows -> Lsn.parse(Catalogue.text(rows.getFirst(), 0)));
    }

    @Override
    public Uni<Position> end() {
        return ask("select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end")
                .map(rows -> Lsn.parse(Catalogue.text(rows.getFirst(), 0)));
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
        if (following == null && !closed) {
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
                            enter(SourceState.STOPPING, null);
                            Runnable done =
                                    () ->
                                            control.close()
                                                    .onComplete(gone -> {
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

    private <T> Future<T> onDisk(Callable<T> work) {
        Promise<T> done = context.promise();
        context.executeBlocking(work, false).onComplete(done::complete, done::fail);
        return done.future();
    }
}
