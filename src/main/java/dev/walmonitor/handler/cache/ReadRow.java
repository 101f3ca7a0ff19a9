package dev.walmonitor.handler.cache;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One row that {@link RowQuery#ofKey} read.
 *
 * @param json the row as one JSON object
 * @param texts values of the columns that make keys and tags, as the log writes them
 */
record ReadRow(String json, Map<String, @Nullable String> texts) {

    static ReadRow of(String found) {
        JsonObject read = new JsonObject(found);
        Map<String, @Nullable String> texts = new LinkedHashMap<>();
        JsonObject columns = read.getJsonObject(RowQuery.TEXTS);
        for (String column : columns.fieldNames()) {
            texts.put(column, columns.getString(column));
        }
        return new ReadRow(read.getString(RowQuery.ROW), texts);
    }
}
