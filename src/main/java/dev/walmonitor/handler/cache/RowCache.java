package dev.walmonitor.handler.cache;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.ColumnValue;
import dev.walmonitor.change.Delivery;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.cache.KeyMaker.Made;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Side;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.Together;
import dev.walmonitor.sink.redis.CacheEntry;
import dev.walmonitor.sink.redis.CacheStore.Put;
import dev.walmonitor.sink.redis.Fence;
import dev.walmonitor.sink.sql.Queries.Mark;
import dev.walmonitor.sink.sql.Queries.Page;
import dev.walmonitor.sink.sql.Queries.ScannedRow;
import dev.walmonitor.sink.sql.Queries.Snapshot;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps each row of one table under keys of its own, from the values that the log sends. A row that
 * the log does not send whole is read. Thread-safe.
 *
 * <p>A key is written at once and taken away only when others can see that its row is gone, so that
 * nobody reads it again and puts it back.
 */
final class RowCache implements KeptCache {
    private static final int AT_ONCE = 64;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private final Rule rule;
    private final CacheSpec spec;
    private final Tools tools;
    private final KeyMaker keys;
    private final RowForm form;
    private final Fills fills;
    private final Optional<Renewal> renewal;
    private volatile long epoch;
    private volatile boolean invalidates;

    /** The rule listens to one table. */
    RowCache(Rule rule, CacheSpec spec, Tools tools) {
        this.rule = rule;
        this.spec = spec;
        this.tools = tools;
        this.keys = new KeyMaker(spec.keys());
        this.form = new RowForm(tools, KeyMaker.columns(spec));
        this.fills = new Fills(rule.name(), tools.loop(), tools.clock(), this::fill);
        this.renewal =
                Optional.ofNullable(spec.renewal())
                        .map(after -> new Renewal(tools.loop(), after, this::renew));
    }

    private void renew() {
        if (!invalidates) {
            var _ = fills.request(Reason.TTL).subscribe().with(count -> {});
        }
    }

    @Override
    public void invalidateOnly(boolean only) {
        invalidates = only;
    }

    @Override
    public boolean invalidatesOnly() {
        return invalidates;
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

    @Override
    public boolean canRebuild() {
        return true;
    }

    @Override
    public Uni<HandlerResult> rebuild() {
        return fills.request(Reason.REBUILD)
                .map(count -> HandlerResult.of("rebuilt").with("keys", count));
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return Uni.createFrom()
                .deferred(() -> {
                    if (change instanceof RowChange.Truncate) {
                        return isHistory(change) ? rebuild() : truncated(change);
                    }
                    if (isHistory(change)) {
                        return reread(change);
                    }
                    return invalidates
                            ? invalidated(change)
                            : changed(change, keys.keys(change, Side.NEW));
                });
    }

    /** Nothing is read or kept: what there is of the row before and after is taken away. */
    private Uni<HandlerResult> invalidated(RowChange change) {
        var _ = form.note(change.relation());
        Set<String> all = keys.keys(change).keySet();
        if (all.isEmpty()) {
            return Uni.createFrom().item(HandlerResult.NONE);
        }
        return tools.visibility()
                .of(mark(change))
                .chain(() -> {
                    List<Uni<Void>> work = new ArrayList<>();
                    all.forEach(key -> work.add(put(entry(key, null, List.of()), fence(change))));
                    return together(work);
                })
                .replaceWith(
                        () -> HandlerResult.of("invalidated").with("key", String.join(" ", all)));
    }

    /** Looks at the rows that the keys belong to now. */
    private Uni<HandlerResult> reread(RowChange change) {
        Map<String, Made> all = new LinkedHashMap<>(keys.keys(change, Side.OLD));
        all.putAll(keys.keys(change, Side.NEW));
        List<Uni<Void>> work = new ArrayList<>();
        all.values().forEach(key -> work.add(reread(change, key)));
        return together(work)
                .replaceWith(() ->
                        HandlerResult.of("refreshed").with("key", String.join(" ", all.keySet())));
    }

    private Uni<HandlerResult> changed(RowChange change, Map<String, Made> now) {
        if (form.note(change.relation())) { // rows that were kept before lack what came with it
            var _ = fills.request(Reason.CHANGE).subscribe().with(count -> {});
        }
        List<Uni<Void>> work = new ArrayList<>();
        now.values().forEach(key -> work.add(write(change, key)));
        Set<String> gone = keys.keys(change, Side.OLD).keySet();
        gone.removeAll(now.keySet());
        if (!gone.isEmpty()) {
            work.add(tools.visibility().of(mark(change)).chain(() -> remove(change, gone)));
        }
        return together(work).replaceWith(() -> result(now.keySet(), gone));
    }

    private static HandlerResult result(Set<String> written, Set<String> gone) {
        HandlerResult result = HandlerResult.of(written.isEmpty() ? "removed" : "cached");
        if (!written.isEmpty()) {
            result = result.with("key", String.join(" ", written));
        }
        return gone.isEmpty()
                ? result
                : result.with(written.isEmpty() ? "key" : "removed", String.join(" ", gone));
    }

    private static Uni<Void> together(List<Uni<Void>> work) {
        return switch (work.size()) {
            case 0 -> Uni.createFrom().voidItem();
            case 1 -> work.getFirst();
            default -> Together.all(work).replaceWithVoid();
        };
    }

    private Uni<Void> write(RowChange change, Made key) {
        String json = tools.unsure().getAsBoolean() ? null : json(change);
        if (json == null) {
            return reread(change, key);
        }
        CacheEntry entry = entry(key.key(), json, KeyMaker.texts(spec.tags(), change, Side.NEW));
        return tools.redis()
                .put(entry, fence(change))
                .invoke(put -> tools.meter().written(put == Put.TAKEN))
                .chain(put -> put == Put.UNSURE ? reread(change, key) : NOTHING);
    }

    private Uni<Void> reread(RowChange change, Made key) {
        boolean replayed = change.transaction().delivery() == Delivery.REPLAY;
        return reread(
                key,
                replayed ? Set.of() : Set.of(mark(change)),
                replayed ? epoch : change.transaction().epoch(),
                replayed ? Reason.OPERATOR : Reason.CHANGE);
    }

    /** What it says may be long past: a fence of its time may be forgotten by now. */
    private boolean isHistory(RowChange change) {
        if (change.transaction().delivery() == Delivery.REPLAY) {
            return true;
        }
        Duration age = Duration.between(change.transaction().time(), tools.clock().instant());
        return age.compareTo(spec.fenceTtl().multipliedBy(9).dividedBy(10)) >= 0;
    }

    private @Nullable String json(RowChange change) {
        List<Column> columns = change.relation().columns();
        List<ColumnValue> values = new ArrayList<>(columns.size());
        for (Column column : columns) {
            values.add(Side.NEW.value(change, column.name()));
        }
        return tools.json().render(change.relation(), values);
    }

    private Uni<Void> remove(RowChange change, Set<String> gone) {
        List<Uni<Void>> work = new ArrayList<>();
        gone.forEach(key -> work.add(remove(key, fence(change))));
        return together(work);
    }

    /** Takes a key away, and off the register unless somebody has put it there again. */
    private Uni<Void> remove(String key, Fence fence) {
        return tools.redis()
                .put(entry(key, null, List.of()), fence)
                .invoke(put -> tools.meter().written(put == Put.TAKEN))
                .chain(put ->
                        put == Put.TAKEN ? tools.redis().leaveOut(rule.name(), key) : NOTHING);
    }

    private static final Uni<Void> NOTHING = Uni.createFrom().voidItem();

    private Uni<HandlerResult> truncated(RowChange change) {
        AtomicLong count = new AtomicLong();
        return tools.visibility()
                .of(mark(change))
                .chain(() ->
                        all(
                                tools.redis().keys(rule.name()),
                                key -> {
                                    count.incrementAndGet();
                                    return remove(key, fence(change));
                                }))
                .replaceWith(() -> HandlerResult.of("emptied").with("keys", count));
    }

    private static Uni<Void> all(Multi<String> keys, Function<String, Uni<Void>> work) {
        return keys.onItem()
                .transformToUni(work::apply)
                .merge(AT_ONCE)
                .collect()
                .last()
                .replaceWithVoid();
    }

    private static Mark mark(RowChange change) {
        return new Mark(change.transaction().xid(), change.transaction().commit().number());
    }

    private static Fence fence(RowChange change) {
        return new Fence.Change(
                change.transaction().epoch(),
                change.transaction().commit().number(),
                change.ordinal(),
                change.transaction().xid());
    }

    private CacheEntry entry(String key, @Nullable String json, List<String> tags) {
        return new CacheEntry(
                rule.source(),
                rule.name(),
                key,
                json,
                spec.life(tools.random()),
                spec.fenceTtl(),
                tags);
    }

    private Uni<Void> put(CacheEntry entry, Fence fence) {
        return tools.redis()
                .put(entry, fence)
                .invoke(put -> tools.meter().written(put == Put.TAKEN))
                .replaceWithVoid();
    }

    /** Reads the row of a key until the transactions can be seen, and keeps what is there. */
    private Uni<Void> reread(Made key, Set<Mark> marks, long of, Reason reason) {
        tools.meter().refreshed(reason);
        return form.columns()
                .chain(columns ->
                        read(key, columns, marks)
                                .chain(snapshot -> {
                                    if (!snapshot.unseen().isEmpty()) {
                                        return Uni.createFrom()
                                                .voidItem()
                                                .onItem()
                                                .delayIt()
                                                .by(LOOK_AGAIN)
                                                .chain(() ->
                                                        reread(key, snapshot.unseen(), of, reason));
                                    }
                                    return keep(key, columns, snapshot, of);
                                }));
    }

    private Uni<Void> keep(Made key, List<String> columns, Snapshot snapshot, long of) {
        Fence fence = new Fence.Sight(of, snapshot.snapshot());
        String found = only(snapshot);
        if (found == null) {
            return remove(key.key(), fence);
        }
        ReadRow row = ReadRow.of(found);
        String json = form.json(row.json(), columns, row.texts());
        return put(entry(key.key(), json, KeyMaker.texts(spec.tags(), row.texts())), fence);
    }

    private static @Nullable String only(Snapshot snapshot) {
        return switch ((int) Math.min(snapshot.rows(), 2)) {
            case 0 -> null;
            case 1 -> snapshot.json().substring(1, snapshot.json().length() - 1);
            default ->
                    throw new SinkException(
                            "A key of a row belongs to " + snapshot.rows() + " rows", false);
        };
    }

    private Uni<Snapshot> read(Made key, List<String> columns, Set<Mark> marks) {
        return tools.primary()
                .snapshot(
                        RowQuery.ofKey(form.table(), columns, form.texts(columns), key.template()),
                        key.values(),
                        marks);
    }

    private Uni<Void> fill(Reason reason, AtomicLong count) {
        long now = epoch;
        AtomicReference<String> snapshot = new AtomicReference<>();
        return form.columns()
                .chain(columns ->
                        tools.primary()
                                .scan(
                                        RowQuery.ofTable(form.table(), columns),
                                        form.texts(columns),
                                        page -> {
                                            snapshot.set(page.snapshot());
                                            return keep(page, columns, now, reason, count);
                                        }))
                .chain(rows -> sweep(new Fence.Sight(now, snapshot.get())))
                .invoke(() -> renewal.ifPresent(r -> tools.loop().execute(r::done)));
    }

    private Uni<Void> keep(
            Page page, List<String> columns, long of, Reason reason, AtomicLong count) {
        Fence fence = new Fence.Sight(of, page.snapshot());
        List<String> texts = form.texts(columns);
        List<Uni<Void>> puts = new ArrayList<>();
        for (ScannedRow row : page.rows()) {
            Map<String, @Nullable String> values = KeyMaker.row(texts, row.texts());
            List<String> tags = KeyMaker.texts(spec.tags(), values);
            String json = form.json(row.json(), columns, values);
            for (String key : keys.keys(values).keySet()) {
                puts.add(Uni.createFrom().deferred(() -> put(entry(key, json, tags), fence)));
                tools.meter().refreshed(reason);
            }
        }
        return puts.isEmpty()
                ? NOTHING
                : Together.all(puts, AT_ONCE)
                        .invoke(done -> count.addAndGet(done.size()))
                        .replaceWithVoid();
    }

    /** What is on the register, and was not there for the scan, is gone. */
    private Uni<Void> sweep(Fence fence) {
        return all(tools.redis().keys(rule.name()), key -> remove(key, fence));
    }

    @Override
    public Uni<HandlerResult> refresh(String key, Reason reason) {
        return keys.made(key)
                .map(made ->
                        reread(made, Set.of(), epoch, reason)
                                .replaceWith(HandlerResult.of("refreshed").with("key", key)))
                .orElseGet(() -> Uni.createFrom().failure(new UnknownKeyException(rule, spec)));
    }

    @Override
    public Uni<Comparison> compare(String key) {
        Optional<Made> made = keys.made(key);
        if (made.isEmpty()) {
            return Uni.createFrom().failure(new UnknownKeyException(rule, spec));
        }
        return form.columns()
                .chain(columns ->
                        read(made.get(), columns, Set.of()).map(read -> ought(only(read), columns)))
                .chain(ought -> {
                    return tools.redis()
                            .get(key)
                            .map(cached -> {
                                String there = cached == null ? "" : cached;
                                return new Comparison(there.equals(ought), there, ought);
                            });
                });
    }

    private String ought(@Nullable String found, List<String> columns) {
        if (found == null) {
            return "";
        }
        ReadRow row = ReadRow.of(found);
        return form.json(row.json(), columns, row.texts());
    }
}
