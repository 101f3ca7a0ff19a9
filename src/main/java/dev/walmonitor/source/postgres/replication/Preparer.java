package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Checkpoint;
import dev.walmonitor.source.postgres.replication.Resumption.Circumstances;
import dev.walmonitor.source.postgres.replication.Resumption.Known;
import dev.walmonitor.source.postgres.wire.WireConnection;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gets a source to where a stream can start: asks what there is, decides, and mends what it may.
 * Nothing is changed before it is clear that the stream may go on.
 */
final class Preparer {
    private final SlotOptions options;
    private final Remedies remedies;
    private final Slot slot;
    private final Publication publication;
    private final Supplier<Future<Optional<Checkpoint>>> stored;
    private final Runnable creating;

    /**
     * @param stored what is on record of how far the source is done
     * @param creating told before a slot is made, which may take as long as others' transactions
     */
    Preparer(
            SlotOptions options,
            Remedies remedies,
            Publication publication,
            Supplier<Future<Optional<Checkpoint>>> stored,
            Runnable creating) {
        this.options = options;
        this.remedies = remedies;
        this.slot = new Slot(options);
        this.publication = publication;
        this.stored = stored;
        this.creating = creating;
    }

    /**
     * What this attempt starts from.
     *
     * @param memory how far this process has come; null at its first stream
     * @param unusable why the slot is given up although it is there; null if it is not
     */
    record Past(@Nullable Known memory, @Nullable String unusable) {}

    Future<Preparation> prepare(WireConnection connection, Past past, boolean mayRebuild) {
        return Server.ask(connection)
                .compose(server ->
                        slot.look(connection, server)
                                .compose(seen ->
                                        known(past.memory(), server, seen)
                                                .compose(known ->
                                                        branch(connection, server, known)
                                                                .map(branch ->
                                                                        new Circumstances(
                                                                                server,
                                                                                seen,
                                                                                known,
                                                                                branch,
                                                                                past.unusable(),
                                                                                Instant.now()
                                                                                        .getEpochSecond(),
                                                                                mayRebuild,
                                                                                options.resume()
                                                                                        || past
                                                                                                        .memory()
                                                                                                != null)))))
                .compose(now -> carryOut(connection, now));
    }

    /**
     * Our own memory is enough as long as the slot has not moved on without us; else another
     * instance may have had it, and what it stored counts. Read after the slot, as a watermark is
     * stored before the slot is told.
     */
    private Future<@Nullable Known> known(@Nullable Known memory, Server server, SlotSeen seen) {
        boolean enough =
                memory != null
                        && memory.log().system().equals(server.systemId())
                        && memory.log().timeline() == server.timeline()
                        && seen instanceof SlotSeen.There there
                        && !there.confirmed().isAfter(memory.position());
        if (enough) {
            return Future.succeededFuture(memory);
        }
        return stored.get()
                .map(found -> Known.later(memory, found.map(Preparer::known).orElse(null)));
    }

    private static Known known(Checkpoint checkpoint) {
        return switch (checkpoint.watermark()) {
            case Lsn lsn -> new Known(checkpoint.log(), lsn);
        };
    }

    private static Future<@Nullable Lsn> branch(
            WireConnection connection, Server server, @Nullable Known known) {
        return known == null || known.log().timeline() >= server.timeline()
                ? Future.succeededFuture()
                : TimelineHistory.branch(connection, server.timeline(), known.log().timeline());
    }

    private Future<Preparation> carryOut(WireConnection connection, Circumstances now) {
        Server server = now.server();
        return switch (Resumption.of(now, remedies)) {
            case Resumption.Go go ->
                    publish(connection, server)
                            .compose(tables ->
                                    follow(connection, now)
                                            .compose(ok ->
                                                    ready(connection, server, go, tables, now)));
            case Resumption.Make make -> {
                if (!options.manage()) {
                    yield Future.failedFuture(new ReplicationException(remedies.slotNotManaged()));
                }
                yield (make.drop() ? slot.drop(connection) : Future.<Void>succeededFuture())
                        .compose(ok -> publish(connection, server))
                        .compose(tables -> {
                            creating.run();
                            return slot.create(connection, server)
                                    .compose(from ->
                                            ready(
                                                    connection,
                                                    server,
                                                    make.from(from),
                                                    tables,
                                                    now));
                        });
            }
        };
    }

    /** The publication must be older than what the slot reads. */
    private Future<Set<TableName>> publish(WireConnection connection, Server server) {
        return server.isStandby()
                ? publication.check(connection::query).map(Set.of())
                : publication.ensure(connection::query, server);
    }

    private Future<Void> follow(WireConnection connection, Circumstances now) {
        return now.slot() instanceof SlotSeen.There there
                ? slot.follow(connection, now.server(), there)
                : Future.succeededFuture();
    }

    /** Of what another process did all may have been told that was there when it ended. */
    private static @Nullable Lsn told(@Nullable Known known, Resumption.Go go, Server server) {
        if (known == null || known.log().epoch() != go.log().epoch()) {
            return null;
        }
        return known.told() == null ? server.end() : known.told();
    }

    private Future<Preparation> ready(
            WireConnection connection,
            Server server,
            Resumption.Go go,
            Set<TableName> published,
            Circumstances now) {
        Lsn confirmed =
                now.slot() instanceof SlotSeen.There there && !there.confirmed().isAfter(go.from())
                        ? there.confirmed()
                        : go.from();
        return publication
                .drift(connection::query)
                .compose(drift ->
                        connection
                                .query(Catalogue.primaryKeys(null))
                                .map(keys ->
                                        new Preparation(
                                                server,
                                                confirmed,
                                                go,
                                                told(now.known(), go, server),
                                                published,
                                                server.remarks(drift),
                                                new TableKeys(Catalogue.keys(keys.rows())))));
    }
}
