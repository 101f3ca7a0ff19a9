package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.source.Finding;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourceException;
import dev.walmonitor.source.SourceFailure;
import dev.walmonitor.source.SourceFailure.Retry;
import dev.walmonitor.source.SourceState;
import dev.walmonitor.source.Upkeep;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.WireConnection;
import dev.walmonitor.source.postgres.wire.WireOptions;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The care of one PostgreSQL database. Holds no state; may be asked from any thread. */
public final class PostgresUpkeep implements Upkeep {
    private final String source;
    private final WireOptions wire;
    private final SlotOptions options;
    private final Vertx vertx;
    private final Remedies remedies;
    private final ServerHealth.Ages ages;

    /**
     * @param source its name
     */
    public PostgresUpkeep(String source, WireOptions wire, SlotOptions options, Vertx vertx) {
        this(source, wire, options, vertx, ServerHealth.Ages.USUAL);
    }

    PostgresUpkeep(
            String source,
            WireOptions wire,
            SlotOptions options,
            Vertx vertx,
            ServerHealth.Ages ages) {
        this.ages = ages;
        this.source = source;
        this.wire = wire.withApplicationName("wal-monitor " + source + " upkeep");
        this.options = options;
        this.vertx = vertx;
        this.remedies = new Remedies(source, options, wire.address() + "/" + wire.database());
    }

    @Override
    public Uni<List<Step>> setup(Interest interest, boolean dry) {
        return with(connection ->
                Server.ask(connection)
                        .compose(server -> {
                            Rehearsal database = new Rehearsal(connection::query, dry);
                            List<Step> steps = new ArrayList<>();
                            return publication(interest)
                                    .ensure(database, server)
                                    .compose(tables -> {
                                        steps.add(publicationStep(database.takeChanges()));
                                        return slot(connection);
                                    })
                                    .compose(seen ->
                                            seen == null
                                                    ? database.change(create(server)).mapEmpty()
                                                    : Future.succeededFuture())
                                    .map(ok -> {
                                        steps.add(slotStep(database.takeChanges()));
                                        return List.copyOf(steps);
                                    });
                        }));
    }

    /** Whoever asks for it by hand wants it, whatever the service would do by itself. */
    private Publication publication(Interest interest) {
        SlotOptions managed =
                new SlotOptions(
                        options.slot(),
                        options.publication(),
                        true,
                        options.walSenderTimeout(),
                        options.heartbeatInterval(),
                        options.policy(),
                        options.stream());
        return new Publication(managed, interest, remedies);
    }

    private Step publicationStep(List<String> changes) {
        return new Step(
                changes.isEmpty()
                        ? "Publication " + options.publication() + " is as the rules need it."
                        : "Publication "
                                + options.publication()
                                + (changes.getFirst().startsWith("CREATE")
                                        ? " is made."
                                        : " is given the tables that the rules need."),
                changes);
    }

    private Step slotStep(List<String> changes) {
        return new Step(
                "Slot " + options.slot() + (changes.isEmpty() ? " is there." : " is made."),
                changes);
    }

    private String create(Server server) {
        String failover =
                options.failover()
                                && server.version() >= Server.FAILOVER_SLOTS
                                && !server.isStandby()
                        ? ", false, false, true"
                        : "";
        return "SELECT pg_create_logical_replication_slot("
                + options.slotLiteral()
                + ", 'pgoutput'"
                + failover
                + ")";
    }

    /**
     * The slot.
     *
     * @param reader the backend that reads from it; null if nobody does
     */
    private record Seen(@Nullable String reader) {}

    private Future<@Nullable Seen> slot(WireConnection connection) {
        return connection
                .query(
                        "select active_pid from pg_catalog.pg_replication_slots where slot_name = "
                                + options.slotLiteral())
                .map(found ->
                        found.rows().isEmpty()
                                ? null
                                : new Seen(found.rows().getFirst().getFirst()));
    }

    private void demandIdle(@Nullable Seen seen) {
        if (seen != null && seen.reader() != null) {
            throw new ReplicationException(
                    new SourceFailure(
                            SourceState.STANDBY,
                            "55006",
                            "Slot "
                                    + options.slot()
                                    + " is active: backend "
                                    + seen.reader()
                                    + " reads from it.",
                            "Stop every instance that reads from it first.",
                            Retry.NEVER));
        }
    }

    /** Drops the slot if it is there; fails if anybody reads from it. */
    private Future<Step> dropSlot(WireConnection connection, Rehearsal database) {
        return slot(connection)
                .compose(seen -> {
                    demandIdle(seen);
                    return seen == null
                            ? Future.<QueryResult>succeededFuture()
                            : database.change(
                                    "SELECT pg_drop_replication_slot("
                                            + options.slotLiteral()
                                            + ")");
                })
                .map(ok -> gone("Slot " + options.slot(), database.takeChanges()));
    }

    @Override
    public Uni<List<Step>> drop(boolean dry) {
        return with(connection -> {
            Rehearsal database = new Rehearsal(connection::query, dry);
            List<Step> steps = new ArrayList<>();
            return dropSlot(connection, database)
                    .compose(dropped -> {
                        steps.add(dropped);
                        return connection.query(
                                "select 1 from pg_catalog.pg_publication where pubname = "
                                        + options.publicationLiteral());
                    })
                    .compose(found ->
                            found.rows().isEmpty()
                                    ? Future.<QueryResult>succeededFuture()
                                    : database.change(
                                            "DROP PUBLICATION " + options.quotedPublication()))
                    .map(ok -> {
                        steps.add(
                                gone(
                                        "Publication " + options.publication(),
                                        database.takeChanges()));
                        return List.copyOf(steps);
                    });
        });
    }

    private static Step gone(String what, List<String> changes) {
        return new Step(what + (changes.isEmpty() ? " is not there." : " is dropped."), changes);
    }

    @Override
    public Uni<Anew> reset(Interest interest) {
        return with(connection ->
                Server.ask(connection)
                        .compose(server -> {
                            Rehearsal database = new Rehearsal(connection::query, false);
                            List<Step> steps = new ArrayList<>();
                            return dropSlot(connection, database)
                                    .compose(dropped -> {
                                        steps.add(dropped);
                                        return publication(interest).ensure(database, server);
                                    })
                                    .compose(tables -> {
                                        steps.add(publicationStep(database.takeChanges()));
                                        return database.change(create(server));
                                    })
                                    .compose(made -> connection.query(confirmed()))
                                    .map(made -> {
                                        steps.add(slotStep(database.takeChanges()));
                                        return new Anew(
                                                server.systemId(),
                                                server.timeline(),
                                                Lsn.parse(
                                                        Catalogue.text(made.rows().getFirst(), 0)),
                                                List.copyOf(steps));
                                    });
                        }));
    }

    private String confirmed() {
        return "select confirmed_flush_lsn from pg_catalog.pg_replication_slots where slot_name = "
                + options.slotLiteral();
    }

    @Override
    public Uni<List<Finding>> examine(Interest interest) {
        return uni(
                WireConnection.connect(vertx, wire.withoutReplication())
                        .compose(connection ->
                                new Examination(options, interest, connection::query, ages)
                                        .findings()
                                        .compose(found -> streams(found))
                                        .onComplete(done -> {
                                            var _ = connection.close();
                                        }))
                        .recover(failure -> Future.succeededFuture(List.of(unreachable(failure)))));
    }

    /** Whether a stream could connect, where nothing that was found says that it cannot. */
    private Future<List<Finding>> streams(List<Finding> found) {
        boolean known =
                found.stream()
                        .anyMatch(f ->
                                f.severity() == Finding.Severity.FAULT
                                        && Examination.FORBIDS_STREAMS.contains(f.about()));
        return known
                ? Future.succeededFuture(found)
                : WireConnection.connect(vertx, wire)
                        .compose(WireConnection::close)
                        .map(found)
                        .recover(failure -> {
                            List<Finding> all = new ArrayList<>(found);
                            all.addFirst(unreachable(failure));
                            return Future.succeededFuture(List.copyOf(all));
                        });
    }

    private Finding unreachable(Throwable cause) {
        SourceFailure failure = remedies.of(cause);
        String remedy = failure.remedy() == null ? "" : failure.remedy();
        boolean refused = failure.sentence().contains("pg_hba.conf");
        return Finding.fault(
                refused ? "pg_hba.conf" : "connection",
                failure.sentence(),
                refused
                        ? "Add to pg_hba.conf a line for the database (a line for \"replication\" is not"
                                + " for logical replication) and reload: host \""
                                + wire.database()
                                + "\" ROLE ADDRESS/32 scram-sha-256"
                        : remedy);
    }

    private <T> Uni<T> with(Function<WireConnection, Future<T>> work) {
        return uni(
                WireConnection.connect(vertx, wire)
                        .compose(connection -> {
                            Future<T> done;
                            try {
                                done = work.apply(connection);
                            } catch (RuntimeException e) {
                                done = Future.failedFuture(e);
                            }
                            return done.onComplete(ended -> {
                                var _ = connection.close();
                            });
                        }));
    }

    private <T> Uni<T> uni(Future<T> work) {
        return Uni.createFrom()
                .completionStage(work.toCompletionStage())
                .onFailure()
                .transform(failure -> new SourceException(remedies.of(failure)));
    }

    @Override
    public String toString() {
        return "the database of source " + source;
    }
}
