package dev.walmonitor.handler.cache;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.cache.CacheSpec.Form.Answer;
import dev.walmonitor.handler.cache.KeyMaker.Made;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.Together;
import dev.walmonitor.sink.redis.CacheEntry;
import dev.walmonitor.sink.redis.CacheStore.Put;
import dev.walmonitor.sink.redis.Fence;
import dev.walmonitor.sink.sql.Queries.Mark;
import dev.walmonitor.sink.sql.Queries.Snapshot;
import dev.walmonitor.sink.sql.Query;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the answers of one rule's query. A key that is the same for every row is filled at the
 * start, and renewed before it would be forgotten; so are keys that are made of rows, unless the
 * rule says that they are only kept after the rows change. Its refreshes are owned by the loop; the
 * rest may be called from any thread.
 */
final class AnswerCache implements KeptCache {
    private static final Logger LOG = Logger.getLogger(AnswerCache.class);
    private static final int AT_ONCE = 4;
    private static final Query NOTHING = Query.of("select 1 as one limit 0");

    private final Rule rule;
    private final CacheSpec spec;
    private final Answer answer;
    private final Tools tools;
    private final KeyMaker keys;
    private final Fills fills;
    private final Map<String, KeyRefresh> refreshes = new HashMap<>();
    private final Optional<Renewal> renewal;
    private volatile long epoch;
    private volatile boolean invalidates;
    private volatile HandlerResult filled = HandlerResult.NONE;

    AnswerCache(Rule rule, CacheSpec spec, Answer answer, Tools tools) {
        this.rule = rule;
        this.spec = spec;
        this.answer = answer;
        this.tools = tools;
        this.keys = new KeyMaker(spec.keys());
        this.fills = new Fills(rule.name(), tools.loop(), tools.clock(), this::fill);
        this.renewal =
                Optional.ofNullable(spec.renewal())
                        .map(after -> new Renewal(tools.loop(), after, this::renew));
    }

    @Override
    public Rule rule() {
        return rule;
    }

    @Override
    public CacheSpec spec() {
        return spec;
    }

    @Override
    public Fills fills() {
        return fills;
    }

    @Override
    public void follow(LogIdentity log) {
        epoch = log.epoch();
        tools.followed().accept(log);
    }

    /** What is read and written does not depend on which change asked for it. */
    @Override
    public boolean ordered() {
        return false;
    }

    @Override
    public @Nullable String coalescedBy(RowChange change) {
        if (change instanceof RowChange.Truncate && !spec.isConstant()) {
            return "truncate " + change.table();
        }
        return String.join("\n", new TreeSet<>(keys.keys(change).keySet()));
    }

    @Override
    public boolean canRebuild() {
        return true;
    }

    @Override
    public Uni<HandlerResult> warm() {
        return spec.isConstant()
                ? fills.first().map(count -> filled)
                : Uni.createFrom().item(HandlerResult.NONE);
    }

    @Override
    public Uni<HandlerResult> rebuild() {
        return fills.request(Reason.REBUILD)
                .map(count -> HandlerResult.of("rebuilt").with("keys", count));
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return Uni.createFrom().deferred(() -> cover(change));
    }

    private Uni<HandlerResult> cover(RowChange change) {
        Mark mark = new Mark(change.transaction().xid(), change.transaction().commit().number());
        if (change instanceof RowChange.Truncate && !spec.isConstant()) {
            return registered(key -> key.cover(mark))
                    .map(count -> HandlerResult.of("refreshed").with("keys", count));
        }
        Collection<Made> made = keys.keys(change).values();
        return made.isEmpty()
                ? Uni.createFrom().item(HandlerResult.NONE)
                : onLoop(() -> all(made, key -> key.cover(mark)));
    }

    private Uni<HandlerResult> all(
            Collection<Made> made, Function<KeyRefresh, Uni<HandlerResult>> work) {
        List<Uni<HandlerResult>> covers = new ArrayList<>(made.size());
        made.forEach(key -> covers.add(work.apply(of(key))));
        return covers.size() == 1
                ? covers.getFirst()
                : Together.all(covers).map(AnswerCache::together);
    }

    private static HandlerResult together(List<HandlerResult> results) {
        return results.stream()
                .filter(result -> !result.isEmpty())
                .reduce((first, second) ->
                        first.with("also", second.fields().getOrDefault("key", "")))
                .orElse(HandlerResult.NONE);
    }

    private Uni<HandlerResult> onLoop(Supplier<Uni<HandlerResult>> work) {
        return Uni.createFrom()
                .emitter(emitter ->
                        tools.loop()
                                .execute(() -> {
                                    var _ =
                                            work.get()
                                                    .subscribe()
                                                    .with(emitter::complete, emitter::fail);
                                }));
    }

    @Override
    public void invalidateOnly(boolean only) {
        invalidates = only;
    }

    @Override
    public boolean invalidatesOnly() {
        return invalidates;
    }

    /** A value with a ttl is read anew at four fifths of it. */
    private void renew() {
        if (invalidates) {
            return;
        }
        if (spec.isConstant()) {
            constants(Reason.TTL).subscribe().with(renewed -> {});
        } else {
            fills.request(Reason.TTL).subscribe().with(count -> {});
        }
    }

    private Uni<HandlerResult> constants(Reason reason) {
        return onLoop(() -> all(keys.keys(Map.of()).values(), key -> key.refresh(reason)));
    }

    private Uni<Void> fill(Reason reason, AtomicLong count) {
        if (spec.isConstant()) {
            return constants(reason)
                    .invoke(done -> {
                        filled = done;
                        count.addAndGet(spec.keys().size());
                    })
                    .replaceWithVoid();
        }
        Uni<Void> rows = Uni.createFrom().voidItem();
        if (spec.warm()) {
            for (Relation table : tools.tables()) {
                rows = rows.chain(() -> fill(table, reason, count));
            }
        }
        return rows.chain(() -> registered(key -> key.refresh(reason)))
                .invoke(done -> tools.loop().execute(() -> renewal.ifPresent(Renewal::done)))
                .replaceWithVoid();
    }

    private Uni<Void> fill(Relation table, Reason reason, AtomicLong count) {
        List<String> columns = KeyMaker.columns(spec);
        return tools.queries()
                .scan(
                        RowQuery.distinct(table.table(), columns),
                        columns,
                        page ->
                                Multi.createFrom()
                                        .iterable(page.rows())
                                        .onItem()
                                        .transformToIterable(row ->
                                                keys.keys(KeyMaker.row(columns, row.texts()))
                                                        .values())
                                        .onItem()
                                        .transformToUni(made ->
                                                onLoop(() -> of(made).refresh(reason))
                                                        .invoke(done -> count.incrementAndGet()))
                                        .merge(AT_ONCE)
                                        .collect()
                                        .last()
                                        .replaceWithVoid())
                .replaceWithVoid();
    }

    /** Does something for every key that was ever kept; answers how many there are. */
    private Uni<Long> registered(Function<KeyRefresh, Uni<HandlerResult>> work) {
        return tools.redis()
                .keys(rule.name())
                .onItem()
                .transformToIterable(key -> keys.made(key).stream().toList())
                .onItem()
                .transformToUni(made -> onLoop(() -> work.apply(of(made))))
                .merge(AT_ONCE * 16)
                .collect()
                .with(java.util.stream.Collectors.counting());
    }

    /** On the loop. */
    private KeyRefresh of(Made made) {
        return refreshes.computeIfAbsent(
                made.key(),
                k ->
                        new KeyRefresh(
                                tools.loop(),
                                (marks, always) -> work(made, marks, always),
                                rule.retry(),
                                tools.random(),
                                new Watch(k)));
    }

    private Uni<KeyRefresh.Outcome> work(Made made, Set<Mark> marks, boolean always) {
        if (invalidates && !always) {
            return takeAway(made, marks);
        }
        RefreshEvent event = RefreshEvent.begun();
        return renewed(made, marks, always)
                .onItemOrFailure()
                .invoke((outcome, failure) ->
                        event.over(
                                rule.name(),
                                made.template().toString(),
                                marks.size(),
                                failure == null));
    }

    /**
     * Takes the key away for changes that a snapshot sees, with the fence that an answer read in it
     * would have: so none that was read before can come after.
     */
    private Uni<KeyRefresh.Outcome> takeAway(Made made, Set<Mark> marks) {
        long now = epoch;
        return tools.queries()
                .snapshot(NOTHING, List.of(), marks)
                .chain(snapshot -> {
                    KeyRefresh.Outcome outcome =
                            new KeyRefresh.Outcome(
                                    snapshot.unseen(),
                                    HandlerResult.of("invalidated").with("key", made.key()));
                    return snapshot.unseen().size() < marks.size()
                            ? put(made, null, snapshot, now).replaceWith(outcome)
                            : Uni.createFrom().item(outcome);
                });
    }

    private Uni<KeyRefresh.Outcome> renewed(Made made, Set<Mark> marks, boolean always) {
        long now = epoch;
        return tools.queries()
                .snapshot(answer.query(), made.values(answer.sql().parameters()), marks)
                .chain(snapshot -> {
                    HandlerResult result =
                            HandlerResult.of("refreshed")
                                    .with("key", made.key())
                                    .with("rows", snapshot.rows());
                    KeyRefresh.Outcome outcome = new KeyRefresh.Outcome(snapshot.unseen(), result);
                    return always || snapshot.unseen().size() < marks.size()
                            ? put(made, value(snapshot), snapshot, now).replaceWith(outcome)
                            : Uni.createFrom().item(outcome);
                });
    }

    private Uni<Put> put(Made made, @Nullable String value, Snapshot snapshot, long of) {
        Long replayed = snapshot.replayed();
        Fence fence =
                replayed == null
                        ? new Fence.Answer(of, snapshot.snapshot())
                        : new Fence.Replayed(of, replayed);
        return tools.redis()
                .put(
                        new CacheEntry(
                                rule.source(),
                                rule.name(),
                                made.key(),
                                value,
                                spec.life(tools.random()),
                                spec.fenceTtl(),
                                tags(made)),
                        fence)
                .invoke(put -> tools.meter().written(put == Put.TAKEN));
    }

    /** Tags are made of the key's columns. */
    private List<String> tags(Made made) {
        Map<String, @Nullable String> row = new HashMap<>();
        List<dev.walmonitor.rule.Template.Placeholder> own = made.template().placeholders();
        for (int i = 0; i < own.size(); i++) {
            row.put(own.get(i).column(), made.values().get(i));
        }
        return KeyMaker.texts(spec.tags(), row);
    }

    private @Nullable String value(Snapshot snapshot) {
        if (!answer.single()) {
            return snapshot.json();
        }
        if (snapshot.rows() > 1) {
            throw new SinkException(
                    "cache.query gave "
                            + snapshot.rows()
                            + " rows where cache.single expects one at most; add limit 1, or leave"
                            + " cache.single out",
                    false);
        }
        return snapshot.rows() == 0
                ? null
                : snapshot.json().substring(1, snapshot.json().length() - 1);
    }

    @Override
    public Uni<HandlerResult> refresh(String key, Reason reason) {
        return keys.made(key)
                .map(made -> onLoop(() -> of(made).refresh(reason)))
                .orElseGet(() -> Uni.createFrom().failure(new UnknownKeyException(rule, spec)));
    }

    @Override
    public Uni<Comparison> compare(String key) {
        Optional<Made> made = keys.made(key);
        if (made.isEmpty()) {
            return Uni.createFrom().failure(new UnknownKeyException(rule, spec));
        }
        return tools.queries()
                .snapshot(answer.query(), made.get().values(answer.sql().parameters()), Set.of())
                .chain(snapshot -> {
                    String value = value(snapshot);
                    String ought = value == null ? "" : value;
                    return tools.redis()
                            .get(key)
                            .map(cached -> {
                                String there = cached == null ? "" : cached;
                                return new Comparison(there.equals(ought), there, ought);
                            });
                });
    }

    /** What becomes of one key's refreshes. On the loop. */
    private final class Watch implements KeyRefresh.Observer {
        private final String key;

        private Watch(String key) {
            this.key = key;
        }

        @Override
        public void started(Reason reason) {
            if (!invalidates || reason != Reason.CHANGE) {
                tools.meter().refreshed(reason);
            }
        }

        @Override
        public void idle(KeyRefresh refresh) {
            if (spec.isConstant()) {
                renewal.ifPresent(Renewal::done);
            } else {
                tools.loop().schedule(Duration.ofSeconds(1), () -> forget(refresh));
            }
        }

        private void forget(KeyRefresh refresh) {
            if (refresh.isIdle()) {
                refreshes.remove(key, refresh);
            }
        }

        /** The template and not the key: a key may hold a row's values. */
        @Override
        public void failed(Throwable failure, int failures, int waiting, Duration delay) {
            tools.meter().failed();
            LOG.warnf(
                    "Rule %s: key %s could not be refreshed, attempt %d: %s. %d wait; it is tried again in %d ms.",
                    rule.name(),
                    spec.keys().getFirst(),
                    failures,
                    failure.getMessage(),
                    waiting,
                    delay.toMillis());
        }

        @Override
        public void recovered(int failures) {
            LOG.infof(
                    "Rule %s: key %s is refreshed again, after %d attempts that failed.",
                    rule.name(), spec.keys().getFirst(), failures);
        }
    }
}
