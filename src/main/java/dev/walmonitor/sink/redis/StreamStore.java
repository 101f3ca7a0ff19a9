package dev.walmonitor.sink.redis;

import io.smallrye.mutiny.Uni;
import java.util.Map;

/**
 * Redis Streams. Every failure is a {@link dev.walmonitor.sink.SinkException}. What failed may have
 * happened: doing it again does no harm.
 */
public interface StreamStore {

    /**
     * Appends an entry, unless one with its id is among the last that were appended: as many as the
     * stream may hold, and never less than {@value #LEAST_REMEMBERED}. Whether it is there is found
     * out and remembered in the same step, so a crash cannot come between.
     *
     * @return false if it was there
     */
    Uni<Boolean> append(Entry entry);

    /** How many entries are known again at least. */
    int LEAST_REMEMBERED = 10_000;

    /**
     * One entry.
     *
     * @param stream the key
     * @param maxLength about how many entries the stream keeps; the oldest go first
     * @param id what it is known again by
     * @param fields in their order
     */
    record Entry(String stream, long maxLength, String id, Map<String, String> fields) {}
}
