package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorUpdate;
import dev.walmonitor.monitor.Source;
import dev.walmonitor.monitor.WalMonitorRepository.Update;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What several listeners say of their sources, which is written whole or not at all.
 *
 * @param names of the sources, by id
 */
record MonitorBatch(List<Update> updates, Map<Integer, String> names) {
    private static final int MOST = 1_000;

    /**
     * One of them, its source as it was named.
     *
     * @param body for what is wrong with the source
     */
    record Entry(String source, MonitorUpdate fields, JsonFields body) {}

    /**
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if something in it cannot be read
     */
    static List<Entry> read(@Nullable String text) {
        List<Entry> entries = new ArrayList<>();
        for (JsonFields body : JsonFields.list(text, MOST, MonitorBody.FIELDS)) {
            String source = body.nameOrId("source_id");
            if (source == null) {
                throw body.fault("source_id", "a source's id or name");
            }
            entries.add(new Entry(source, MonitorBody.update(body), body));
        }
        return entries;
    }

    /**
     * @param known all sources
     * @throws io.quarkiverse.resteasy.problem.HttpProblem if one is unknown, configured, or named
     *     twice
     */
    static MonitorBatch of(List<Entry> entries, List<Source> known, Predicate<String> configured) {
        Map<String, Source> byNameOrId = new HashMap<>();
        for (Source source : known) {
            byNameOrId.put(source.name, source);
            byNameOrId.put(String.valueOf(source.id), source);
        }
        List<Update> updates = new ArrayList<>();
        Map<Integer, String> names = new HashMap<>();
        for (Entry entry : entries) {
            Source source = byNameOrId.get(entry.source());
            if (source == null) {
                throw Problems.unknownSource(entry.source());
            }
            if (configured.test(source.name)) {
                throw Problems.configured(source.name);
            }
            if (names.put(source.id, source.name) != null) {
                throw entry.body().fault("source_id", "each source once");
            }
            updates.add(new Update(source.id, entry.fields()));
        }
        return new MonitorBatch(updates, names);
    }
}
