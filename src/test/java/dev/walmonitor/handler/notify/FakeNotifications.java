package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications;
import io.smallrye.mutiny.Uni;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Keeps the record in memory, and nothing that waits. */
final class FakeNotifications implements Notifications {
    final List<Entry> entries = new ArrayList<>();
    final List<String> pruned = new ArrayList<>();
    boolean down;
    int old;

    /** Each as outcome, recipient, channel, title and reason. */
    List<String> outcomes() {
        return entries.stream()
                .map(e ->
                        String.join(
                                        " ",
                                        e.outcome().name().toLowerCase(Locale.ROOT),
                                        e.recipient(),
                                        e.channel(),
                                        e.title())
                                + (e.reason() == null ? "" : " (" + e.reason() + ")"))
                .toList();
    }

    @Override
    public Uni<Void> record(List<Entry> more) {
        if (down) {
            return Uni.createFrom().failure(new IllegalStateException("no monitor database"));
        }
        entries.addAll(more);
        return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Void> fold(List<Member> members) {
        throw new UnsupportedOperationException("no rule of this test folds");
    }

    @Override
    public Uni<List<Waiting>> waiting(String source) {
        return Uni.createFrom().item(List.of());
    }

    @Override
    public Uni<Folded> read(Window window, int most) {
        throw new UnsupportedOperationException("no rule of this test folds");
    }

    @Override
    public Uni<Void> delivered(List<Long> members, Entry entry) {
        throw new UnsupportedOperationException("no rule of this test folds");
    }

    @Override
    public Uni<Map<String, Instant>> told(String source, String rule, Instant since) {
        Map<String, Instant> told = new LinkedHashMap<>();
        for (Entry entry : entries) {
            String key = entry.dedupe();
            if (key != null && entry.at().isAfter(since)) {
                told.put(key, entry.at());
            }
        }
        return Uni.createFrom().item(told);
    }

    @Override
    public Uni<Integer> prune(Instant before, int most) {
        int removed = Math.min(old, most);
        old -= removed;
        pruned.add(removed + " before " + before);
        return Uni.createFrom().item(removed);
    }
}
