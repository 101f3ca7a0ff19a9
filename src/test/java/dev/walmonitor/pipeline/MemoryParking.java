package dev.walmonitor.pipeline;

import dev.walmonitor.pipeline.ParkedChange.Place;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is parked, in memory: it answers at once, and outlives pipelines. */
class MemoryParking implements ParkingStore {
    final List<ParkedChange> rows = new ArrayList<>();
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
            rows.forEach(row -> rules.add(row.rule()));
            rules.forEach(rule -> standings.put(rule, standing(rule)));
            return standings;
        });
    }

    private Standing standing(String rule) {
        Map<Long, Integer> keys = new HashMap<>();
        waiting(rule).forEach(row -> row.keys().forEach(key -> keys.merge(key, 1, Integer::sum)));
        List<ParkedChange> dead =
                rows.stream().filter(row -> row.rule().equals(rule) && row.dead()).toList();
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

    /** Somebody wants everything that was given up to be tried again. */
    void retryAll() {
        rows.replaceAll(row ->
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
                        false));
    }

    /** What waits of a rule, in order. */
    List<ParkedChange> waiting(String rule) {
        return rows.stream()
                .filter(row -> row.rule().equals(rule) && !row.dead())
                .sorted(Comparator.comparing(ParkedChange::place))
                .toList();
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
        ParkedChange numbered = with(change, ++ids, 1, change.xids());
        for (int i = 0; i < rows.size(); i++) {
            ParkedChange row = rows.get(i);
            if (isSame(row, change)) {
                if (!row.dead()) {
                    rows.set(
                            i,
                            with(change, row.id(), row.version() + 1, row.xids()).with(row.keys()));
                    merged(row, change);
                }
                return;
            }
        }
        if (change.mark() != null) {
            for (ParkedChange row : List.copyOf(rows)) {
                if (!row.dead()
                        && row.rule().equals(change.rule())
                        && Objects.equals(row.mark(), change.mark())) {
                    rows.remove(row);
                    Set<Integer> xids = new TreeSet<>(row.xids());
                    xids.addAll(change.xids());
                    numbered = with(change, row.id(), row.version() + 1, xids);
                }
            }
        }
        rows.add(numbered);
        parked(change);
    }

    private static boolean isSame(ParkedChange row, ParkedChange change) {
        return row.rule().equals(change.rule()) && row.place().equals(change.place());
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
                waiting(rule).stream()
                        .filter(row -> after == null || row.place().compareTo(after) > 0)
                        .limit(count)
                        .toList());
    }

    @Override
    public Uni<Void> settle(Collection<ParkedChange> done, Collection<ParkedChange> failed) {
        return answer(
                        () -> {
                            for (ParkedChange each : done) {
                                rows.removeIf(row ->
                                        row.id() == each.id() && row.version() == each.version());
                            }
                            for (ParkedChange each : failed) {
                                rows.replaceAll(row ->
                                        row.id() == each.id() && row.version() == each.version()
                                                ? each
                                                : row);
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
