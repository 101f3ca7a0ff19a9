package dev.walmonitor.handler.cache;

import dev.walmonitor.change.Operation;
import dev.walmonitor.handler.cache.CacheRules.CacheConfig;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.sql.Query;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a cache rule keeps.
 *
 * @param sql the query, with placeholders for the columns of the key
 * @param ttl null: kept for ever
 */
record CacheSpec(Template key, Template.Sql sql, @Nullable Duration ttl) {
    private static final Duration SHORTEST_TTL = Duration.ofSeconds(1);

    /** The rule's words as a spec; null if there is a fault. */
    static @Nullable CacheSpec read(Rule rule, Optional<CacheConfig> config, List<Fault> faults) {
        Reader reader = new Reader(rule, faults);
        Template key = reader.template("cache.key", config.flatMap(CacheConfig::key));
        Template query = reader.template("cache.query", config.flatMap(CacheConfig::query));
        Duration ttl = reader.ttl(config.flatMap(CacheConfig::ttl));
        if (key != null && query != null) {
            reader.together(key, query);
        }
        return key == null || query == null || !faults.isEmpty()
                ? null
                : new CacheSpec(key, query.sql(), ttl);
    }

    Query query() {
        return new Query(sql.fragments());
    }

    /** The columns of the key, which is made of the old and of the new row. */
    Needs needs() {
        Set<String> columns = new HashSet<>();
        key.placeholders().forEach(p -> columns.add(p.column()));
        return new Needs(columns, columns);
    }

    private record Reader(Rule rule, List<Fault> faults) {

        private @Nullable Template template(String name, Optional<String> text) {
            if (text.isEmpty() || text.get().isBlank()) {
                fault(name + " is missing;", "a cache needs a key and a query.");
                return null;
            }
            try {
                return Template.parse(text.get());
            } catch (IllegalArgumentException e) {
                fault(name + " cannot be read:", e.getMessage() + ".");
                return null;
            }
        }

        private @Nullable Duration ttl(Optional<String> text) {
            if (text.isEmpty()) {
                return null;
            }
            try {
                Duration ttl = DurationConverter.parseDuration(text.get());
                if (ttl.compareTo(SHORTEST_TTL) < 0) {
                    fault("cache.ttl is " + text.get() + ";", "it has to be a second or more.");
                }
                return ttl;
            } catch (IllegalArgumentException e) {
                fault(
                        "cache.ttl is no duration: \"" + text.get() + "\".",
                        "Write one such as 30s or 24h.");
                return null;
            }
        }

        private void together(Template key, Template query) {
            key.faultAsKey()
                    .ifPresent(why ->
                            fault(
                                    "cache.key would not tell rows apart: " + why + ";",
                                    "put a \":\" between them."));
            List<Template.Placeholder> foreign = new ArrayList<>(query.placeholders());
            foreign.removeAll(key.placeholders());
            if (!foreign.isEmpty()) {
                fault(
                        "cache.query uses " + foreign.getFirst() + ", which is not in cache.key;",
                        "put it into the key too, as one key holds the answer to one query.");
            }
            if (!key.isConstant() && rule.filter().events().contains(Operation.TRUNCATE)) {
                fault(
                        "cache.key is made of a row, and TRUNCATE has none;",
                        "write events: [insert, update, delete].");
            }
        }

        private void fault(String what, String fix) {
            faults.add(new Fault(rule.name(), what, fix));
        }
    }
}
