package dev.walmonitor.sink.redis;

import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;

/** Streams by a script: looking and appending are one step. Thread-safe. */
final class ScriptedStreamStore implements StreamStore {
    /** A stream that is trimmed roughly may be as much longer than it should be. */
    private static final int OVERSHOOT = 1_000;

    private final RedisLine line;

    ScriptedStreamStore(RedisLine line) {
        this.line = line;
    }

    @Override
    public Uni<Boolean> append(Entry entry) {
        long remembered = Math.max(LEAST_REMEMBERED, entry.maxLength() + OVERSHOOT);
        List<String> words = new ArrayList<>();
        words.add(entry.id());
        words.add(Long.toString(entry.maxLength()));
        words.add(Long.toString(remembered));
        entry.fields()
                .forEach((field, value) -> {
                    words.add(field);
                    words.add(value);
                });
        List<String> keys = List.of(entry.stream(), CacheKeys.seen(entry.stream()));
        return line.run(Script.APPEND, keys, words).map(answer -> answer != null);
    }
}
