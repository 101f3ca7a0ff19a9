package dev.walmonitor.handler.cache;

import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Side;
import dev.walmonitor.sink.Together;
import dev.walmonitor.sink.redis.CacheEntry;
import dev.walmonitor.sink.redis.CacheStore.Put;
import dev.walmonitor.sink.redis.Fence;
import dev.walmonitor.sink.sql.Queries.Mark;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes away what applications keep under a rule's keys, and whatever has its tags: once others can
 * see the change, so that nobody reads the old row again and puts it back. Thread-safe.
 */
final class EvictCache implements KeptCache {
    private static final int AT_ONCE = 64;

    private final Rule rule;
    private final CacheSpec spec;
    private final Tools tools;
    private final KeyMaker keys;
    private final Fills fills;

    EvictCache(Rule rule, CacheSpec spec, Tools tools) {
        this.rule = rule;
        this.spec = spec;
        this.tools = tools;
        this.keys = new KeyMaker(spec.keys());
        this.fills = new Fills(rule.name(), tools.loop(), tools.clock(), this::evictAll);
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
        tools.followed().accept(log);
    }

    @Override
    public boolean canRebuild() {
        return true;
    }

    @Override
    public Uni<HandlerResult> rebuild() {
        return fills.request(Reason.REBUILD)
                .map(count -> HandlerResult.of("evicted").with("keys", count));
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        Mark mark = new Mark(change.transaction().xid(), change.transaction().commit().number());
        return tools.visibility().of(mark).chain(() -> evict(change));
    }

    private Uni<HandlerResult> evict(RowChange change) {
        if (change instanceof RowChange.Truncate && !spec.isConstant()) {
            AtomicLong count = new AtomicLong();
            return registered(count)
                    .replaceWith(() -> HandlerResult.of("evicted").with("keys", count));
        }
        Fence fence =
                new Fence.Change(
                        change.transaction().epoch(),
                        change.transaction().commit().number(),
                        change.ordinal(),
                        change.transaction().xid());
        Set<String> made = keys.keys(change).keySet();
        Set<String> tags = new LinkedHashSet<>(KeyMaker.texts(spec.tags(), change, Side.OLD));
        tags.addAll(KeyMaker.texts(spec.tags(), change, Side.NEW));
        List<Uni<Void>> work = new ArrayList<>();
        made.forEach(key -> work.add(evict(key, fence)));
        tags.forEach(tag -> work.add(tools.redis().evictTag(tag).replaceWithVoid()));
        if (work.isEmpty()) {
            return Uni.createFrom().item(HandlerResult.NONE);
        }
        return Together.all(work).replaceWith(() -> result(made, tags));
    }

    private static HandlerResult result(Set<String> keys, Set<String> tags) {
        HandlerResult result = HandlerResult.of("evicted");
        if (!keys.isEmpty()) {
            result = result.with("key", String.join(" ", keys));
        }
        return tags.isEmpty() ? result : result.with("tag", String.join(" ", tags));
    }

    /** A change that comes again does not take away what was put there since. */
    private Uni<Void> evict(String key, Fence fence) {
        CacheEntry nothing =
                new CacheEntry(
                        rule.source(), rule.name(), key, null, null, spec.fenceTtl(), List.of());
        return tools.redis()
                .put(nothing, fence)
                .invoke(put -> tools.meter().written(put == Put.TAKEN))
                .replaceWithVoid();
    }

    /** Everything that the rule may have missed: what it knows, and what the tables say. */
    private Uni<Void> evictAll(Reason reason, AtomicLong count) {
        Uni<Void> work = registered(count);
        List<String> columns = KeyMaker.columns(spec);
        for (Relation table : tools.tables()) {
            work =
                    work.chain(() ->
                            columns.isEmpty()
                                    ? one(RowKeys.constant(keys, spec), count)
                                    : tools.primary()
                                            .scan(
                                                    RowQuery.distinct(table.table(), columns),
                                                    columns,
                                                    page ->
                                                            one(
                                                                    RowKeys.of(
                                                                            keys,
                                                                            spec,
                                                                            columns,
                                                                            page.rows()),
                                                                    count))
                                            .replaceWithVoid());
        }
        return work;
    }

    private Uni<Void> one(RowKeys made, AtomicLong count) {
        return all(Multi.createFrom().iterable(made.keys()), count)
                .chain(() ->
                        Multi.createFrom()
                                .iterable(made.tags())
                                .onItem()
                                .transformToUni(tag -> tools.redis().evictTag(tag))
                                .merge(4)
                                .collect()
                                .last()
                                .replaceWithVoid());
    }

    private Uni<Void> registered(AtomicLong count) {
        return all(tools.redis().keys(rule.name()), count);
    }

    private Uni<Void> all(Multi<String> some, AtomicLong count) {
        return some.onItem()
                .transformToUni(
                        key -> tools.redis().evict(key).invoke(done -> count.incrementAndGet()))
                .merge(AT_ONCE)
                .collect()
                .last()
                .replaceWithVoid();
    }

    @Override
    public Uni<HandlerResult> refresh(String key, Reason reason) {
        return tools.redis().evict(key).replaceWith(HandlerResult.of("evicted").with("key", key));
    }

    /** What an application keeps is not known. */
    @Override
    public Uni<Comparison> compare(String key) {
        return Uni.createFrom().item(new Comparison(true, "", ""));
    }
}
