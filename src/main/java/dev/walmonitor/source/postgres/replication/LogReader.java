package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.ReplicaIdentity;
import dev.walmonitor.source.postgres.pgoutput.ConfirmablePlace;
import dev.walmonitor.source.postgres.pgoutput.DecodeException;
import dev.walmonitor.source.postgres.pgoutput.PgOutputDecoder;
import dev.walmonitor.source.postgres.pgoutput.PgOutputMessage;
import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What each message of the log means: for the events, for the positions that may be confirmed, for
 * the keys of tables. Owned by the connection's event loop; one instance a connection.
 */
final class LogReader implements Replay.Reader {
    private static final Logger LOG = Logger.getLogger(LogReader.class);

    private final PgOutputDecoder decoder;
    private final TransactionAssembler assembler;
    private final Acknowledgement acknowledgement;
    private final TableKeys keys;
    private final Outlet outlet;
    private final Unexpected unexpected;
    private final IntConsumer keyWanted;
    private final Bypass bypass;
    private @Nullable StreamedTransactions streamed;
    private @Nullable BinaryTypes types;
    private @Nullable PgOutputDecoder replaying;
    private @Nullable Instant lastCommit;
    private PgOutputMessage.@Nullable Begin passing;

    /** Counts messages, by type, that were not asked for. */
    @FunctionalInterface
    interface Unexpected {
        void came(char type);
    }

    /**
     * @param keyWanted takes the OID of a table whose key has to be looked up; {@link #keyLearned}
     *     takes the answer
     * @param bypass the transaction to be passed over
     */
    LogReader(
            PgOutputDecoder decoder,
            TransactionAssembler assembler,
            Acknowledgement acknowledgement,
            TableKeys keys,
            Outlet outlet,
            Unexpected unexpected,
            IntConsumer keyWanted,
            Bypass bypass) {
        this.decoder = decoder;
        this.assembler = assembler;
        this.acknowledgement = acknowledgement;
        this.keys = keys;
        this.outlet = outlet;
        this.unexpected = unexpected;
        this.keyWanted = keyWanted;
        this.bypass = bypass;
    }

    /** Transactions in progress were asked for, and go there. */
    void streamed(StreamedTransactions asked) {
        streamed = asked;
    }

    /** Values come in binary form, and are read by these types. */
    void binary(BinaryTypes asked) {
        types = asked;
    }

    /**
     * One message of the plugin, which is the whole of {@code length} bytes.
     *
     * @param start where it belongs in the log, as it was sent with it
     */
    void read(long start, ByteBuf frame, int offset, int length) {
        if (passing != null) {
            passOver(decoder, frame, offset, length);
        } else if (streamed == null || !streamed.keep(frame, offset, length)) {
            PgOutputMessage message = decoder.decode(frame, offset, length);
            if (message instanceof PgOutputMessage.LogicalMessage logical) {
                ConfirmablePlace.check(start, logical);
            }
            take(message);
            outlet.flushIfMuch();
        }
    }

    @Override
    public void beginReplay(PgOutputMessage.StreamCommit commit) {
        replaying = decoder.ofTransaction();
        begin(new PgOutputMessage.Begin(commit.commit(), commit.time(), commit.xid()));
    }

    @Override
    public boolean replay(ByteBuf records, int offset, int length) {
        PgOutputDecoder of = Objects.requireNonNull(replaying);
        int told = length - Integer.BYTES;
        if (passing != null) {
            if (records.getByte(offset) == 'R') {
                describe(() -> of.decodeTold(records, offset, told, records.getInt(offset + told)));
            }
            return true;
        }
        take(
                records.getByte(offset) == 'R'
                        ? of.decodeTold(records, offset, told, records.getInt(offset + told))
                        : of.decode(records, offset, length));
        outlet.flushIfMuch();
        return wantsMore();
    }

    @Override
    public void endReplay(PgOutputMessage.StreamCommit commit) {
        decoder.adopt(Objects.requireNonNull(replaying));
        replaying = null;
        commit(new PgOutputMessage.Commit(commit.commit(), commit.end(), commit.time()));
    }

    @Override
    public boolean flush() {
        outlet.flush();
        return wantsMore();
    }

    private boolean wantsMore() {
        return outlet.isOpen() && (types == null || !types.isWaiting());
    }

    private void take(PgOutputMessage message) {
        switch (message) {
            case PgOutputMessage.Insert insert -> assembler.insert(insert);
            case PgOutputMessage.Update update -> assembler.update(update);
            case PgOutputMessage.Delete delete -> assembler.delete(delete);
            case PgOutputMessage.Truncate truncate -> assembler.truncate(truncate);
            case PgOutputMessage.Skipped skipped -> assembler.skipped(skipped);
            case PgOutputMessage.Begin begin -> begin(begin);
            case PgOutputMessage.Commit commit -> commit(commit);
            case PgOutputMessage.LogicalMessage logical -> logicalMessage(logical);
            case PgOutputMessage.RelationMessage relation -> described(relation.relation());
            case PgOutputMessage.TypeMessage type -> {}
            case PgOutputMessage.Origin origin -> {}
            case PgOutputMessage.StreamStart start -> asked().start(start);
            case PgOutputMessage.StreamStop stop -> asked().stop();
            case PgOutputMessage.StreamCommit commit -> asked().commit(commit);
            case PgOutputMessage.StreamAbort abort -> aborted(abort);
            case PgOutputMessage.StreamPrepare m -> throw unasked("two-phase");
            case PgOutputMessage.BeginPrepare m -> throw unasked("two-phase");
            case PgOutputMessage.Prepare m -> throw unasked("two-phase");
            case PgOutputMessage.CommitPrepared m -> throw unasked("two-phase");
            case PgOutputMessage.RollbackPrepared m -> throw unasked("two-phase");
        }
    }

    /**
     * PostgreSQL 18 sends it to clients that asked for no streaming; of what was never begun it
     * says nothing.
     */
    private void aborted(PgOutputMessage.StreamAbort abort) {
        if (streamed == null || !streamed.abort(abort)) {
            unexpected.came('A');
        }
    }

    private StreamedTransactions asked() {
        if (streamed == null) {
            throw unasked("streaming");
        }
        return streamed;
    }

    private void begin(PgOutputMessage.Begin begin) {
        assembler.begin(begin);
        passing = bypass.isFor(begin) ? begin : null;
    }

    /**
     * A message of the transaction that is passed over. What it tells of tables holds for those
     * behind it; its commit has to be readable, as it says where the transaction ends.
     */
    private void passOver(PgOutputDecoder of, ByteBuf frame, int offset, int length) {
        switch (frame.getByte(offset)) {
            case 'R', 'Y' -> describe(() -> of.decode(frame, offset, length));
            case 'C' -> take(of.decode(frame, offset, length));
            default -> {}
        }
    }

    private void describe(Supplier<PgOutputMessage> message) {
        try {
            take(message.get());
        } catch (DecodeException e) {
            LOG.debugf("In the transaction that is passed over: %s", e.getMessage());
        }
    }

    private void commit(PgOutputMessage.Commit commit) {
        if (passing != null) {
            assembler.passedOver(commit);
            bypass.passed(passing);
            passing = null;
            acknowledgement.delivered(commit.end());
            return;
        }
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
            keyWanted.accept(relation.oid());
        }
        if (types != null) {
            types.described(relation);
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

    /** When the last transaction was committed of which anybody wanted anything. */
    @Nullable Instant lastCommit() {
        return lastCommit;
    }
}
