package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.source.postgres.pgoutput.PrimaryKeys;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The primary keys as far as they are known for sure. Owned by the connection's event loop.
 *
 * <p>They are read before the stream starts. When the server describes a table a second time, its
 * key may be another one, and is unknown until the catalogue was asked again.
 */
final class TableKeys implements PrimaryKeys {
    private final Map<Integer, List<String>> keys;
    private final Set<Integer> described = new HashSet<>();

    TableKeys(Map<Integer, List<String>> keys) {
        this.keys = new HashMap<>(keys);
    }

    @Override
    public @Nullable List<String> of(int oid) {
        return keys.get(oid);
    }

    /** The server described the table; returns whether the catalogue has to be asked again. */
    boolean isStale(int oid) {
        if (described.add(oid) && keys.containsKey(oid)) {
            return false;
        }
        keys.remove(oid);
        return true;
    }

    /** What the catalogue answered. */
    void learn(int oid, @Nullable List<String> key) {
        if (key != null) {
            keys.put(oid, key);
        }
    }
}
