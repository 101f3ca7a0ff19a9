package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.TableName;
import dev.walmonitor.source.SourceFailure;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Looks after the publication while a stream runs: it may be dropped, changed, or lack a table that
 * was made since. Owned by the source's event loop.
 */
final class PublicationWatch {
    private static final Logger LOG = Logger.getLogger(PublicationWatch.class);

    private final Publication publication;
    private final Database database;
    private final SlotOptions options;
    private final Timers timers;
    private final Listener listener;

    /** What is to be done about what was seen. */
    interface Listener {
        /** The publication is not what the stream needs. */
        void publicationUnfit(SourceFailure failure);

        /** Changes of these tables come from now on, and did not before. */
        void published(Set<TableName> tables);

        /** What differs from what the rules want. */
        void remark(List<String> sentences);
    }

    PublicationWatch(
            Publication publication,
            Database database,
            SlotOptions options,
            Timers timers,
            Listener listener) {
        this.publication = publication;
        this.database = database;
        this.options = options;
        this.timers = timers;
        this.listener = listener;
    }

    private final class Round {
        private final ReplicationSession session;
        private final Server server;
        private boolean looking;
        private boolean again;
        private int turn;

        private Round(ReplicationSession session, Server server) {
            this.session = session;
            this.server = server;
        }

        /** At once, or right after the look that is under way. */
        private void run() {
            if (session.isOver()) {
                return;
            }
            if (looking) {
                again = true;
                return;
            }
            looking = true;
            look();
        }

        private void next() {
            looking = false;
            if (again) {
                again = false;
                run();
                return;
            }
            int mine = ++turn;
            timers.after(
                    options.publicationCheck(),
                    () -> {
                        if (turn == mine) {
                            run();
                        }
                    });
        }

        private void look() {
            publication
                    .check(database)
                    .compose(there ->
                            server.isStandby()
                                    ? Future.succeededFuture(Set.<TableName>of())
                                    : publication.ensure(database, server))
                    .onSuccess(tables -> {
                        if (!tables.isEmpty() && !session.isOver()) {
                            listener.published(tables);
                        }
                    })
                    .compose(ok -> publication.drift(database))
                    .onComplete(seen -> {
                        if (session.isOver()) {
                            return;
                        }
                        if (seen.succeeded()) {
                            listener.remark(server.remarks(seen.result()));
                        } else if (seen.cause() instanceof ReplicationException unfit) {
                            listener.publicationUnfit(unfit.failure());
                        } else {
                            LOG.debugf(
                                    seen.cause(),
                                    "The publication could not be looked at this time");
                        }
                        next();
                    });
        }
    }

    /**
     * Looks again and again, until the session is over.
     *
     * @return looks now
     */
    Runnable watch(ReplicationSession session, Server server) {
        Round round = new Round(session, server);
        round.next();
        return round::run;
    }
}
