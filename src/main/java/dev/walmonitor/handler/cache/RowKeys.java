package dev.walmonitor.handler.cache;

import dev.walmonitor.sink.sql.Queries.ScannedRow;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys and tags of some rows. */
record RowKeys(Set<String> keys, Set<String> tags) {

    static RowKeys of(KeyMaker maker, CacheSpec spec, List<String> columns, List<ScannedRow> rows) {
        RowKeys all = new RowKeys(new LinkedHashSet<>(), new LinkedHashSet<>());
        for (ScannedRow row : rows) {
            all.add(maker, spec, KeyMaker.row(columns, row.texts()));
        }
        return all;
    }

    /** Those that are the same for every row. */
    static RowKeys constant(KeyMaker maker, CacheSpec spec) {
        RowKeys all = new RowKeys(new LinkedHashSet<>(), new LinkedHashSet<>());
        all.add(maker, spec, Map.of());
        return all;
    }

    private void add(KeyMaker maker, CacheSpec spec, Map<String, @Nullable String> row) {
        keys.addAll(maker.keys(row).keySet());
        tags.addAll(KeyMaker.texts(spec.tags(), row));
    }
}
