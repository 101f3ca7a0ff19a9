package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.postgres.pgoutput.PgOutputDecoder;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage;
import dev.walmonitor.source.postgres.pgoutput.ReplicationFrames;
import dev.walmonitor.source.postgres.types.TypeCatalogue;
import dev.walmonitor.source.postgres.wire.CopyHandler;
import dev.walmonitor.source.postgres.wire.ServerMessage;
import dev.walmonitor.source.postgres.wire.WireConnection;
import dev.walmonitor.source.postgres.wire.WireException;
import io.netty.buffer.ByteBuf;
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

    private static final Duration PATIENCE_AT_CLOSE = Duration.ofSeconds(2);
    private static final Duration PATIENCE_AT_SHUTDOWN = Duration.ofSeconds(2);

    /** What a session tells its source. */
    interface Owner {
        /**
         * The server described a table whose key has to be looked up; {@link #keyLearned} takes the
         * answer.
         */
        void keyWanted(ReplicationSession session, int oid);

        /**
         * The server described a column of an unknown type; {@link #typesLearned} takes the types.
         */
        void typesWanted(ReplicationSession session);

        void ended(ReplicationSession session, @Nullable WireException cause);
    }

    private final WireConnection connection;
    private final Timers timers;
    private final Remedies remedies;
    private final Owner owner;
    private final Acknowledgement acknowledgement;
    private final TransactionAssembler assembler;
    private final LogReader reader;
    private final BinaryTypes types;
    private final @Nullable StreamedTransactions streamed;
    private final Intake intake;
    private final Outlet outlet;
    private final StatusSender status;
    private final Lookout lookout;
    private final Farewell farewell = new Farewell();
    private final Lsn startAt;

    private boolean closing;
    private boolean over;
    private @Nullable WireException endedBy;
    private @Nullable SourceFailure abortedBy;

    ReplicationSession(
            WireConnection connection,
            Preparation prepared,
            Interest interest,
            TypeCatalogue catalogue,
            Surroundings around,
            Owner owner) {
        PgOutputDecoder decoder =
                new PgOutputDecoder(
                        interest, prepared.keys(), catalogue, around.options().stream().columns());
        this.connection = connection;
        this.timers = around.timers();
        this.remedies = around.remedies();
        this.owner = owner;
        this.assembler = new TransactionAssembler(around.source(), around.traced());
        this.acknowledgement = new Acknowledgement(prepared.confirmedFlush());
        this.acknowledgement.startedAt(prepared.startAt());
        this.lookout = new Lookout(prepared.server().walSenderTimeout());
        this.startAt = prepared.startAt();
        this.intake = new Intake(connection::pause, this::readOn);
        this.outlet = new Outlet(assembler, around.gate(), intake);
        this.reader =
                new LogReader(
                        decoder,
                        assembler,
                        acknowledgement,
                        prepared.keys(),
                        outlet,
                        around::unexpected,
                        oid -> owner.keyWanted(this, oid),
                        around.bypass());
        this.types = new BinaryTypes(catalogue, decoder, intake, () -> owner.typesWanted(this));
        if (around.options().stream().binary()) {
            reader.binary(types);
        }
        this.streamed = around.request().streaming() ? streamed(decoder, around) : null;
        this.status =
                new StatusSender(
                        acknowledgement,
                        timers,
                        lookout.statusInterval(around.options().heartbeatInterval()),
                        this::send);
        assembler.resumed(prepared.resumption(), prepared.told());
    }

    private StreamedTransactions streamed(PgOutputDecoder decoder, Surroundings around) {
        StreamedTransactions asked =
                new StreamedTransactions(
                        around.options().stream(),
                        around.request(),
                        around.disk(),
                        decoder,
                        intake,
                        reader,
                        this::failed);
        reader.streamed(asked);
        return asked;
    }

    /** The stream has begun: says so to the pipeline, and keeps time from here on. */
    void begin() {
        flush();
        status.send(false);
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
        reader.read(start, frame, offset, length);
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
            status.plan();
            if (farewell.asked(end, System.nanoTime())) {
                letGo();
            }
        }
    }

    @Override
    public void readComplete() {
        lookout.heard();
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
        status.stop();
        letGoOfStreamed();
        WireException by = endedBy == null ? cause : endedBy;
        owner.ended(this, streamed == null ? by : streamed.explained(by));
    }

    /** The catalogue's answer about a table's primary key; null if it has none. */
    void keyLearned(int oid, @Nullable List<String> key) {
        reader.keyLearned(oid, key);
    }

    /** The catalogue as it is now. */
    void typesLearned(TypeCatalogue catalogue) {
        if (!over && !closing) {
            types.learned(catalogue);
            gateOpened();
        }
    }

    private void send(Buffer status) {
        var _ = connection.sendCopyData(status);
    }

    private void flush() {
        if (!over) {
            outlet.flush();
        }
    }

    /** Somebody wants more. */
    void gateOpened() {
        if (over || closing) {
            return;
        }
        flush();
        if (streamed != null) {
            streamed.wanted();
        }
        if (intake.isPausedFor(Intake.Reason.NO_DEMAND) && outlet.isOpen()) {
            intake.resume(Intake.Reason.NO_DEMAND);
        }
    }

    /** The time in which we did not listen was no silence of the server. */
    private void readOn() {
        lookout.resumed();
        connection.resume();
    }

    /** What was put by cannot be read, or no more can be. */
    private void failed(Throwable failure) {
        if (!over && endedBy == null) {
            endedBy = new WireException.HandlerFailed(failure);
            letGoOfStreamed();
            var _ = connection.close();
        }
    }

    private void letGoOfStreamed() {
        if (streamed != null) {
            streamed.close();
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
            status.plan();
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

    /** The gap that the stream began with, if it ended before anybody was told of it. */
    @Nullable Gap untold() {
        return assembler.untold();
    }

    /** The process of the server that sends. */
    int reader() {
        return connection.backendPid();
    }

    boolean isOver() {
        return over || closing;
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

    /** Runs on its own time, whatever handlers do and however full the gate is. */
    private void tick() {
        if (over) {
            return;
        }
        switch (lookout.look(intake.isPaused())) {
            case QUIET -> {}
            case ASK -> status.send(true);
            case GIVE_UP -> {
                endedBy = lookout.givenUp();
                hangUp();
                return;
            }
        }
        if (status.isDue(System.nanoTime())) {
            status.send(false);
        }
        timers.after(lookout.interval(), this::tick);
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
        letGoOfStreamed();
        status.send(false);
        intake.release();
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
        return !intake.isPaused() && lookout.isStall();
    }

    Instant lastHeard() {
        return lookout.lastHeard();
    }

    @Nullable Instant lastCommit() {
        return reader.lastCommit();
    }

    /** The commit of the last transaction of which anything was handed on, or where it started. */
    Lsn told() {
        Lsn last = assembler.lastBegun();
        return last == null ? startAt : last;
    }

    /** The transaction that is open; null outside of one. */
    PgOutputMessage.@Nullable Begin open() {
        return assembler.begun();
    }

    /** Everything before it was handed on whole: the last commit of which that is so. */
    Lsn whole() {
        Lsn lastEnd = assembler.lastEndTaken();
        return lastEnd == null ? startAt : Position.later(lastEnd, startAt);
    }
}
