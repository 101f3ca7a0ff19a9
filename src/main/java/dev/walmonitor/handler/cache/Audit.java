package dev.walmonitor.handler.cache;

import dev.walmonitor.handler.Progress;
import dev.walmonitor.handler.cache.KeptCache.Comparison;
import dev.walmonitor.sink.redis.CacheStore;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Holds some keys of each rule against the database. A key that differs may only be behind: it is
 * looked at again once everything that was committed before has been done. If nothing has moved by
 * then and it still differs, it is wrong: it is named, counted, and made anew.
 */
final class Audit {
    private static final Logger LOG = Logger.getLogger(Audit.class);
    private static final Duration CATCH_UP = Duration.ofSeconds(10);
    private static final int NAMED = 5;

    /** What was found of one key. */
    enum Finding {
        RIGHT,
        /** It is changing, or somebody has taken it away by hand. */
        UNKNOWN,
        WRONG
    }

    private record Found(String key, Finding finding) {}

    private final CacheStore redis;
    private final Progress progress;
    private final int keys;

    Audit(CacheStore redis, Progress progress, int keys) {
        this.redis = redis;
        this.progress = progress;
        this.keys = keys;
    }

    /** The part of the keys looked at that were wrong; NaN if none could be told. Never fails. */
    Uni<Double> look(KeptCache cache) {
        return redis.sample(cache.rule().name(), keys)
                .chain(sample ->
                        Multi.createFrom()
                                .iterable(sample)
                                .onItem()
                                .transformToUniAndConcatenate(
                                        key -> look(cache, key).map(found -> new Found(key, found)))
                                .collect()
                                .asList())
                .map(all -> judge(cache, all))
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.debugf(failure, "Rule %s could not be audited", cache.rule().name());
                    return Double.NaN;
                });
    }

    private static double judge(KeptCache cache, List<Found> all) {
        List<String> wrong =
                all.stream().filter(f -> f.finding() == Finding.WRONG).map(Found::key).toList();
        long told = all.stream().filter(f -> f.finding() != Finding.UNKNOWN).count();
        if (!wrong.isEmpty()) {
            LOG.warnf(
                    "Rule %s: %d of %d cached values that were looked at were not as the database is, and were"
                            + " made anew: %s%s. Something else may write to these keys, or the query's"
                            + " order is not fixed.",
                    cache.rule().name(),
                    wrong.size(),
                    told,
                    String.join(", ", wrong.subList(0, Math.min(NAMED, wrong.size()))),
                    wrong.size() > NAMED ? ", …" : "");
        }
        return told == 0 ? Double.NaN : (double) wrong.size() / told;
    }

    private Uni<Finding> look(KeptCache cache, String key) {
        return cache.compare(key)
                .chain(first ->
                        first.same()
                                ? Uni.createFrom().item(Finding.RIGHT)
                                : progress.caughtUp(
                                                cache.rule().source(),
                                                cache.rule().name(),
                                                CATCH_UP)
                                        .chain(there ->
                                                there
                                                        ? again(cache, key, first)
                                                        : Uni.createFrom().item(Finding.UNKNOWN)));
    }

    private Uni<Finding> again(KeptCache cache, String key, Comparison first) {
        return cache.compare(key)
                .chain(second -> {
                    if (second.same()) {
                        return Uni.createFrom().item(Finding.RIGHT);
                    }
                    return second.equals(first)
                            ? heal(cache, key, second)
                            : Uni.createFrom().item(Finding.UNKNOWN);
                });
    }

    /** A value that was taken away by hand left its record; then nothing was wrong. */
    private Uni<Finding> heal(KeptCache cache, String key, Comparison found) {
        boolean mayEnd = cache.spec().ttl() != null || !cache.spec().warm();
        Uni<Finding> finding =
                found.cached().isEmpty()
                        ? redis.look(key)
                                .map(stored ->
                                        mayEnd || stored.record() != null
                                                ? Finding.UNKNOWN
                                                : Finding.WRONG)
                        : Uni.createFrom().item(Finding.WRONG);
        return finding.call(() -> cache.refresh(key, Reason.AUDIT));
    }
}
