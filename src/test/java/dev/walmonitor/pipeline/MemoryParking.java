package dev.walmonitor.pipeline;

import dev.walmonitor.pipeline.ParkedChange.Place;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is parked, in memory: it answers at once, and outlives pipelines. */
class MemoryParking implements ParkingStore {
    private final Map<String, NavigableMap<Place, ParkedChange>> rows = new TreeMap<>();
    final Map<String, String> paused = new HashMap<>();
    private long ids;

    /** Why nothing can be done; null if it can. */
    @Nullable RuntimeException failure;

    private <T> Uni<T> answer(java.util.function.Supplier<T> work) {
        return Uni.createFrom()
                .deferred(() ->
                        failure == null
                                ? Uni.createFrom().item(work)
                                : Uni.createFrom().failure(failure));
    }

    @Override
    public Uni<Map<String, Standing>> load(String source) {
        return answer(() -> {
            Map<String, Standing> standings = new HashMap<>();
            Set<String> rules = new TreeSet<>(paused.keySet());
            rules.addAll(rows.keySet());
            rules.removeIf(rule -> of(rule).isEmpty() && !paused.containsKey(rule));
            rules.forEach(rule -> standings.put(rule, standing(rule)));
            return standings;
        });
    }

    private Standing standing(String rule) {
        Map<Long, Integer> keys = new HashMap<>();
        waiting(rule).forEach(row -> row.keys().forEach(key -> keys.merge(key, 1, Integer::sum)));
        List<ParkedChange> dead = of(rule).values().stream().filter(ParkedChange::dead).toList();
        return new Standing(
                waiting(rule).size(),
                dead.size(),
                keys,
                new TreeSet<>(waiting(rule).stream().map(ParkedChange::shape).toList()),
                waiting(rule).isEmpty() ? null : waiting(rule).getFirst().place(),
                waiting(rule).isEmpty() ? null : waiting(rule).getLast().place(),
                dead.stream().map(ParkedChange::place).min(Comparator.naturalOrder()).orElse(null),
                paused.get(rule));
    }

    private NavigableMap<Place, ParkedChange> of(String rule) {
        return rows.computeIfAbsent(rule, name -> new TreeMap<>());
    }

    /** All that there is, by rule and in order. */
    List<ParkedChange> rows() {
        return rows.values().stream().flatMap(all -> all.values().stream()).toList();
    }

    /** Somebody wants everything that was given up to be tried again. */
    void retryAll() {
        rows.values()
                .forEach(all ->
                        all.replaceAll((place, row) ->
                                new ParkedChange(
                                        row.id(),
                                        row.version() + 1,
                                        row.rule(),
                                        row.change(),
                                        row.keys(),
                                        null,
                                        row.first(),
                                        row.xids(),
                                        row.weight(),
                                        0,
                                        row.due(),
                                        row.error(),
                                        false)));
    }

    /** What waits of a rule, in order. */
    List<ParkedChange> waiting(String rule) {
        return of(rule).values().stream().filter(row -> !row.dead()).toList();
    }

    @Override
    public Uni<Void> park(String source, List<ParkedChange> changes) {
        return answer(
                        () -> {
                            changes.forEach(this::park);
                            return changes;
                        })
                .replaceWithVoid();
    }

    /** A change is there. */
    void parked(ParkedChange change) {}

    /** A change was there already, from an earlier telling. */
    void merged(ParkedChange before, ParkedChange now) {}

    private void park(ParkedChange change) {
        NavigableMap<Place, ParkedChange> all = of(change.rule());
        ParkedChange same = all.get(change.place());
        if (same != null) {
            if (!same.dead()) {
                all.put(
                        change.place(),
                        with(change, same.id(), same.version() + 1, same.xids()).with(same.keys()));
                merged(same, change);
            }
            return;
        }
        ParkedChange numbered = with(change, ++ids, 1, change.xids());
        if (change.mark() != null) {
            for (ParkedChange row : List.copyOf(all.values())) {
                if (!row.dead() && Objects.equals(row.mark(), change.mark())) {
                    all.remove(row.place());
                    Set<Integer> xids = new TreeSet<>(row.xids());
                    xids.addAll(change.xids());
                    numbered = with(change, row.id(), row.version() + 1, xids);
                }
            }
        }
        all.put(change.place(), numbered);
        parked(change);
    }

    /** The row in this version; one whose mark has had more changes since stands elsewhere. */
    private @Nullable ParkedChange now(ParkedChange of) {
        ParkedChange row = of(of.rule()).get(of.place());
        if (row != null && row.id() == of.id()) {
            return row.version() == of.version() ? row : null;
        }
        return of.mark() == null
                ? null
                : of(of.rule()).values().stream()
                        .filter(each -> each.id() == of.id() && each.version() == of.version())
                        .findFirst()
                        .orElse(null);
    }

    /** Whether there is a row of this number, in whatever version. */
    boolean has(ParkedChange of) {
        return of(of.rule()).values().stream().anyMatch(row -> row.id() == of.id());
    }

    private static ParkedChange with(ParkedChange of, long id, int version, Set<Integer> xids) {
        return new ParkedChange(
                id,
                version,
                of.rule(),
                of.change(),
                of.keys(),
                of.mark(),
                of.first(),
                xids,
                of.weight(),
                of.attempts(),
                of.due(),
                of.error(),
                of.dead());
    }

    @Override
    public Uni<List<ParkedChange>> page(
            String source, String rule, @Nullable Place after, int count, long bytes) {
        return answer(() ->
                (after == null ? of(rule) : of(rule).tailMap(after, false))
                        .values().stream().filter(row -> !row.dead()).limit(count).toList());
    }

    @Override
    public Uni<Void> settle(Collection<ParkedChange> done, Collection<ParkedChange> failed) {
        return answer(
                        () -> {
                            for (ParkedChange each : done) {
                                ParkedChange row = now(each);
                                if (row != null) {
                                    of(each.rule()).remove(row.place());
                                }
                            }
                            for (ParkedChange each : failed) {
                                if (now(each) != null) {
                                    of(each.rule()).put(each.place(), each);
                                }
                            }
                            return done;
                        })
                .replaceWithVoid();
    }

    @Override
    public Uni<Void> pause(String source, String rule, @Nullable String why) {
        return answer(
                        () -> {
                            if (why == null) {
                                paused.remove(rule);
                            } else {
                                paused.put(rule, why);
                            }
                            return rule;
                        })
                .replaceWithVoid();
    }
}
