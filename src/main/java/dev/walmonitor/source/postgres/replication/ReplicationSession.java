package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.ChangeBatch;
import dev.walmonitor.change.ChangeEvent;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.postgres.pgoutput.PgOutputDecoder;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage;
import dev.walmonitor.source.postgres.pgoutput.ReplicationFrames;
import dev.walmonitor.source.postgres.pgoutput.StandbyStatusUpdate;
import dev.walmonitor.source.postgres.wire.CopyHandler;
import dev.walmonitor.source.postgres.wire.ServerMessage;
import dev.walmonitor.source.postgres.wire.WireConnection;
import dev.walmonitor.source.postgres.wire.WireException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One stream, from START_REPLICATION to its end: cuts frames into messages, messages into events,
 * events into batches; tells the server what is done; notices when the server falls silent. Owned
 * by the connection's event loop.
 */
final class ReplicationSession implements CopyHandler, ReplicationFrames.Sink {
    private static final Logger LOG = Logger.getLogger(ReplicationSession.class);

    /**
     * How many events make a batch at most, so that one read of a megabyte does not become one long
     * turn.
     */
    private static final int BATCH = 4096;

    private static final Duration LEAST_BETWEEN_STATUSES = Duration.ofMillis(100);
    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(2);
    private static final Duration PATIENCE_AT_SHUTDOWN = Duration.ofSeconds(2);

    /** What a session tells its source. */
    interface Owner {
        /**
         * The server described a table whose key has to be looked up; {@link #keyLearned} takes the
         * answer.
         */
        void keyWanted(ReplicationSession session, int oid);

        void ended(ReplicationSession session, @Nullable WireException cause);
    }

    private final WireConnection connection;
    private final DemandGate gate;
    private final Timers timers;
    private final Remedies remedies;
    private final Owner owner;
    private final Acknowledgement acknowledgement;
    private final TransactionAssembler assembler;
    private final PgOutputDecoder decoder;
    private final TableKeys keys;
    private final Silence silence;
    private final Farewell farewell = new Farewell();
    private final Duration statusInterval;
    private final Lsn startAt;

    private boolean paused;
    private boolean closing;
    private boolean over;
    private boolean statusPlanned;
    private long lastStatusNanos;
    private long lastHeard = System.currentTimeMillis();
    private @Nullable Instant lastCommit;
    private @Nullable WireException endedBy;
    private @Nullable SourceFailure abortedBy;

    ReplicationSession(
            WireConnection connection,
            Preparation prepared,
            Duration heartbeatInterval,
            TransactionAssembler assembler,
            PgOutputDecoder decoder,
            DemandGate gate,
            Timers timers,
            Remedies remedies,
            Owner owner) {
        this.connection = connection;
        this.remedies = remedies;
        this.gate = gate;
        this.timers = timers;
        this.owner = owner;
        this.assembler = assembler;
        this.decoder = decoder;
        this.keys = prepared.keys();
        this.acknowledgement = new Acknowledgement(prepared.confirmedFlush());
        this.acknowledgement.startedAt(prepared.startAt());
        this.silence = new Silence(prepared.server().walSenderTimeout(), System.nanoTime());
        this.statusInterval = silence.statusInterval(heartbeatInterval);
        this.startAt = prepared.startAt();
        assembler.resumed(prepared.resumption());
    }

    /** The stream has begun: says so to the pipeline, and keeps time from here on. */
    void begin() {
        flush();
        sendStatus(false);
        tick();
    }

    @Override
    public void copyData(ByteBuf frame, int offset, int length) {
        ReplicationFrames.read(frame, offset, length, this);
    }

    @Override
    public void xLogData(long start, long end, long clock, ByteBuf frame, int offset, int length) {
        if (closing) {
            return;
        }
        acknowledgement.received(end);
        take(decoder.decode(frame, offset, length));
        if (assembler.size() >= BATCH) {
            flush();
        }
    }

    @Override
    public void keepalive(long end, long clock, boolean replyRequested) {
        if (closing) {
            return;
        }
        Lsn position = new Lsn(end);
        acknowledgement.received(end);
        if (assembler.keepalive(position, replyRequested)) {
            acknowledgement.delivered(position);
        }
        if (replyRequested) {
            planStatus();
            if (farewell.asked(end, System.nanoTime())) {
                letGo();
            }
        }
    }

    @Override
    public void readComplete() {
        silence.heard(System.nanoTime());
        lastHeard = System.currentTimeMillis();
        flush();
    }

    @Override
    public void notice(ServerMessage message) {
        LOG.warnf("The server remarks on the stream: %s", message);
        if (message.message().contains("skipped loading publication")) {
            throw new ReplicationException(remedies.publicationWasMissing(message.message()));
        }
    }

    @Override
    public void ended(@Nullable WireException cause) {
        over = true;
        owner.ended(this, endedBy == null ? cause : endedBy);
    }

    private void take(PgOutputMessage message) {
        switch (message) {
            case PgOutputMessage.Insert insert -> assembler.insert(insert);
            case PgOutputMessage.Update update -> assembler.update(update);
            case PgOutputMessage.Delete delete -> assembler.delete(delete);
            case PgOutputMessage.Truncate truncate -> assembler.truncate(truncate);
            case PgOutputMessage.Skipped skipped -> assembler.skipped(skipped);
            case PgOutputMessage.Begin begin -> assembler.begin(begin);
            case PgOutputMessage.Commit commit -> commit(commit);
            case PgOutputMessage.LogicalMessage logical -> logicalMessage(logical);
            case PgOutputMessage.RelationMessage relation -> described(relation.relation());
            case PgOutputMessage.TypeMessage type -> {}
            case PgOutputMessage.Origin origin -> {}
            // PostgreSQL 18 sends it to clients that asked for no streaming; of what was never
            // begun it says nothing
            case PgOutputMessage.StreamAbort abort -> {}
            case PgOutputMessage.StreamStart m -> throw unasked("streaming");
            case PgOutputMessage.StreamStop m -> throw unasked("streaming");
            case PgOutputMessage.StreamCommit m -> throw unasked("streaming");
            case PgOutputMessage.StreamPrepare m -> throw unasked("streaming");
            case PgOutputMessage.BeginPrepare m -> throw unasked("two-phase");
            case PgOutputMessage.Prepare m -> throw unasked("two-phase");
            case PgOutputMessage.CommitPrepared m -> throw unasked("two-phase");
            case PgOutputMessage.RollbackPrepared m -> throw unasked("two-phase");
        }
    }

    private void commit(PgOutputMessage.Commit commit) {
        if (assembler.commit(commit)) {
            lastCommit = commit.time();
        }
        acknowledgement.delivered(commit.end());
    }

    private void logicalMessage(PgOutputMessage.LogicalMessage message) {
        assembler.logicalMessage(message);
        if (!message.transactional()) {
            acknowledgement.delivered(message.lsn());
        }
    }

    /**
     * A default identity is the primary key, and the stream tells it; of the others only the
     * catalogue knows.
     */
    private void described(Relation relation) {
        if (relation.identity() != ReplicaIdentity.DEFAULT && keys.isStale(relation.oid())) {
            decoder.keyChanged(relation.oid());
            owner.keyWanted(this, relation.oid());
        }
    }

    /** The catalogue's answer about a table's primary key; null if it has none. */
    void keyLearned(int oid, @Nullable List<String> key) {
        keys.learn(oid, key);
        decoder.keyChanged(oid);
    }

    private static ReplicationException unasked(String what) {
        return new ReplicationException(
                Remedies.slowly(
                        "protocol",
                        "The server sends " + what + " messages, which were not asked for.",
                        "Name another slot; this one was made for another client."));
    }

    /** Hands over what there is, or stops reading until somebody wants it. */
    private void flush() {
        if (over || !assembler.hasNews()) {
            return;
        }
        List<ChangeEvent> events = gate.isOpen() ? assembler.take() : List.of();
        boolean open = !events.isEmpty() && gate.push(new ChangeBatch(events));
        if (!open && !paused) {
            paused = true;
            connection.pause();
        }
    }

    /** Somebody wants more. */
    void gateOpened() {
        if (over || closing) {
            return;
        }
        flush();
        if (paused && gate.isOpen()) {
            paused = false;
            silence.heard(System.nanoTime());
            connection.resume();
        }
    }

    /** Changes of these tables did not come up to now. */
    void missed(Set<TableName> tables, String reason) {
        assembler.missed(new Gap(startAt, acknowledgement.received(), reason, tables));
        flush();
    }

    /** Ends the stream at once for a reason of ours; nothing more is confirmed. */
    void abort(SourceFailure failure) {
        if (!over && !closing) {
            abortedBy = failure;
            var _ = connection.close();
        }
    }

    /** Why we ended the stream ourselves; null if we did not. */
    @Nullable SourceFailure abortedBy() {
        return abortedBy;
    }

    /** Everything before the position is done; the server is told soon. */
    void confirm(Lsn position) {
        if (!over && acknowledgement.confirm(position)) {
            planStatus();
        }
    }

    /**
     * As {@link #confirm}, for what another connection delivered: nothing where this one did not.
     */
    void confirmIfDelivered(Lsn position) {
        if (acknowledgement.isDelivered(position)) {
            confirm(position);
        }
    }

    boolean isOver() {
        return over || closing;
    }

    private void planStatus() {
        if (statusPlanned || over) {
            return;
        }
        statusPlanned = true;
        Duration since = Duration.ofNanos(System.nanoTime() - lastStatusNanos);
        Duration wait = LEAST_BETWEEN_STATUSES.minus(since);
        timers.after(
                wait.isNegative() ? Duration.ZERO : wait,
                () -> {
                    if (statusPlanned) {
                        sendStatus(false);
                    }
                });
    }

    /**
     * The server shuts down and waits for us, without limit, to confirm what it has sent. What can
     * be done in a moment is; then it gets its way.
     */
    private void letGo() {
        LOG.info("The server is shutting down; letting go of it.");
        endedBy = new WireException.ConnectionLost("The server was shutting down");
        timers.after(PATIENCE_AT_SHUTDOWN, this::close);
    }

    private void sendStatus(boolean replyRequested) {
        if (over) {
            return;
        }
        statusPlanned = false;
        lastStatusNanos = System.nanoTime();
        Lsn flushed = acknowledgement.flushed();
        byte[] message = new byte[StandbyStatusUpdate.LENGTH];
        new StandbyStatusUpdate(
                        acknowledgement.received(), flushed, flushed, Instant.now(), replyRequested)
                .writeTo(Unpooled.wrappedBuffer(message).clear());
        var _ = connection.sendCopyData(Buffer.buffer(message));
    }

    /** Runs on its own time, whatever handlers do and however full the gate is. */
    private void tick() {
        if (over) {
            return;
        }
        long now = System.nanoTime();
        if (!paused && silence.isTooLong(now)) {
            endedBy =
                    new WireException.ConnectionLost(
                            "Nothing came from the server for "
                                    + silence.limit().toSeconds()
                                    + " s; the connection is given up");
            var _ = connection.close();
            return;
        }
        boolean ask = !paused && silence.isSuspicious(now);
        if (ask || now - lastStatusNanos >= statusInterval.toNanos()) {
            sendStatus(ask);
        }
        timers.after(silence.tick(), this::tick);
    }

    /**
     * Tells the server what is done and that this was all, waits a moment until it says the same,
     * and hangs up. A keepalive would prove nothing: it may have been on its way before, and a
     * server whose writes fail reads no more.
     */
    void close() {
        if (over || closing) {
            return;
        }
        closing = true;
        sendStatus(false);
        paused = false;
        connection.resume();
        connection.copyDone().onComplete(answered -> hangUp());
        timers.after(PATIENCE_AT_CLOSE, this::hangUp);
    }

    private void hangUp() {
        var _ = connection.close();
    }

    Lsn received() {
        return acknowledgement.received();
    }

    Lsn confirmed() {
        return acknowledgement.flushed();
    }

    boolean isSilent() {
        return !paused && silence.isStall(System.nanoTime());
    }

    Instant lastHeard() {
        return Instant.ofEpochMilli(lastHeard);
    }

    @Nullable Instant lastCommit() {
        return lastCommit;
    }

    /** Everything before it came whole: the last commit, or what was confirmed since. */
    Lsn whole() {
        Lsn lastEnd = assembler.lastEnd();
        return lastEnd == null ? startAt : Position.later(lastEnd, startAt);
    }
}
