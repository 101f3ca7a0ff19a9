package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import org.jspecify.annotations.Nullable;

/**
 * Where a stream goes on from, and what was lost before: worked out from what is known of the
 * server, of the slot, and of what was done before.
 */
sealed interface Resumption {

    /**
     * What was done before, in this process or as another one stored it.
     *
     * @param told transactions that were committed up to here may have come before; null if that is
     *     not known
     */
    record Known(LogIdentity log, Lsn position, @Nullable Lsn told) {
        Known(LogIdentity log, Lsn position) {
            this(log, position, null);
        }

        /** The one that tells more. */
        static @Nullable Known later(@Nullable Known one, @Nullable Known other) {
            if (one == null || other == null) {
                return one == null ? other : one;
            }
            int epochs = Long.compare(one.log().epoch(), other.log().epoch());
            boolean first = epochs == 0 ? !other.position().isAfter(one.position()) : epochs > 0;
            return first ? one : other;
        }
    }

    /** The slot can be read as it is. */
    record Go(Lsn from, LogIdentity log, @Nullable Gap gap) implements Resumption {}

    /**
     * A slot has to be made first.
     *
     * @param drop whether there is one that has to go before
     * @param log of the slot that will be
     * @param lostFrom where the gap begins; null if nothing was read before
     * @param reason of the gap; null if there is none, as it is the first slot
     */
    record Make(boolean drop, LogIdentity log, @Nullable Lsn lostFrom, @Nullable String reason)
            implements Resumption {

        /** How the stream goes on once the slot is there. */
        Go from(Lsn consistentPoint) {
            Gap gap = reason == null ? null : Gap.of(lostFrom, consistentPoint, reason);
            return new Go(consistentPoint, log, gap);
        }
    }

    /**
     * What is known when a stream is to begin.
     *
     * @param branchedAt where the server's present timeline left the one that is known; null if it
     *     is the same, or cannot be found out
     * @param unusable why the slot is given up although it is there; null if it is not
     * @param firstEpoch the epoch of a log that nothing is known of
     * @param mayRebuild whether a slot may be made anew, with a gap
     * @param resume whether to go on at all, or to start at the present end
     */
    record Circumstances(
            Server server,
            SlotSeen slot,
            @Nullable Known known,
            @Nullable Lsn branchedAt,
            @Nullable String unusable,
            long firstEpoch,
            boolean mayRebuild,
            boolean resume) {}

    /**
     * Works it out.
     *
     * @throws ReplicationException if an operator has to decide
     */
    static Resumption of(Circumstances now, Remedies remedies) {
        Server server = now.server();
        Known known = now.known();
        if (known == null) {
            return first(now, remedies);
        }
        boolean sameBranch = server.timeline() == known.log().timeline();
        checkIdentity(server, known, remedies);
        long epoch = known.log().epoch();
        LogIdentity here = new LogIdentity(server.systemId(), server.timeline(), epoch);
        LogIdentity afresh = here.next(now.firstEpoch());
        return switch (now.slot()) {
            case SlotSeen.Missing missing -> {
                if (!now.mayRebuild()) {
                    throw remedies.slotMissing(server, sameBranch);
                }
                String why = now.unusable();
                yield new Make(
                        false,
                        afresh,
                        known.position(),
                        why == null ? "The slot was not there any more." : why);
            }
            case SlotSeen.Lost lost -> {
                if (!now.mayRebuild()) {
                    throw remedies.slotLost(lost.reason());
                }
                yield new Make(
                        true,
                        afresh,
                        known.position(),
                        "The server had given the slot up (" + lost.reason() + ").");
            }
            case SlotSeen.There there ->
                    now.unusable() != null && now.mayRebuild()
                            ? new Make(true, afresh, known.position(), now.unusable())
                            : there(
                                    now,
                                    known,
                                    there.confirmed(),
                                    sameBranch ? here : afresh,
                                    remedies);
        };
    }

    private static Resumption first(Circumstances now, Remedies remedies) {
        Server server = now.server();
        LogIdentity log = new LogIdentity(server.systemId(), server.timeline(), now.firstEpoch());
        return switch (now.slot()) {
            case SlotSeen.Missing missing -> new Make(false, log, null, null);
            case SlotSeen.Lost lost -> {
                if (!now.mayRebuild()) {
                    throw remedies.slotLost(lost.reason());
                }
                yield new Make(
                        true,
                        log,
                        null,
                        "The server had given the slot up (" + lost.reason() + ").");
            }
            case SlotSeen.There there -> {
                if (now.unusable() != null && now.mayRebuild()) {
                    yield new Make(true, log, there.confirmed(), now.unusable());
                }
                yield now.resume()
                        ? new Go(there.confirmed(), log, null)
                        : skip(server, there.confirmed(), log);
            }
        };
    }

    private static Resumption there(
            Circumstances now, Known known, Lsn confirmed, LogIdentity log, Remedies remedies) {
        if (!now.resume()) {
            return skip(now.server(), Position.later(known.position(), confirmed), log);
        }
        if (confirmed.isAfter(known.position())) {
            if (!now.mayRebuild()) {
                throw remedies.gapSuspected(known.position(), confirmed);
            }
            LogIdentity next =
                    log.epoch() == known.log().epoch() ? log.next(now.firstEpoch()) : log;
            return new Go(
                    confirmed,
                    next,
                    Gap.of(
                            known.position(),
                            confirmed,
                            "The slot has moved on without us: somebody else read from it, or made it anew."));
        }
        if (log.timeline() == known.log().timeline()) {
            return new Go(known.position(), log, null);
        }
        Lsn branch = now.branchedAt();
        return branch != null && !known.position().isAfter(branch)
                ? new Go(known.position(), log, null)
                : new Go(
                        confirmed,
                        log,
                        Gap.of(
                                branch == null ? confirmed : branch,
                                known.position(),
                                "The server was promoted without these changes, which had been handled: they are undone."));
    }

    private static Go skip(Server server, Lsn from, LogIdentity log) {
        Lsn end = Position.later(server.end(), from);
        return new Go(
                end,
                log,
                Gap.of(from, end, "The source is set to start at the present end of the log."));
    }

    private static void checkIdentity(Server server, Known known, Remedies remedies) {
        LogIdentity log = known.log();
        if (!log.system().equals(server.systemId())) {
            throw remedies.otherCluster(log.system(), server.systemId());
        }
        if (server.timeline() < log.timeline()) {
            throw remedies.olderTimeline(log.timeline(), server.timeline());
        }
        if (server.timeline() == log.timeline() && known.position().isAfter(server.end())) {
            throw server.isStandby()
                    ? remedies.standbyBehind(known.position(), server.end())
                    : remedies.olderState(known.position(), server.end());
        }
    }
}
