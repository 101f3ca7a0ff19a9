package dev.walmonitor.handler.cache;

import dev.walmonitor.rule.RulesConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What rules say of the action {@code cache}. */
@ConfigMapping(prefix = RulesConfig.PREFIX)
public interface CacheRules {

    /** By the rule's name. */
    @WithParentName
    Map<String, CacheRule> rules();

    /** One rule. */
    interface CacheRule {
        Optional<CacheConfig> cache();
    }

    /** The action's keys. */
    interface CacheConfig {

        /** The key in Redis, or a template of it such as {@code listing:{id}}. */
        Optional<String> key();

        /** Several keys instead of one. */
        Optional<List<String>> keys();

        /**
         * {@code query}: what {@code query} gives; {@code row}: the row that changed, as one JSON
         * object; {@code evict}: nothing, the key is taken away. Default: {@code query}.
         */
        Optional<String> value();

        /** A SELECT whose rows are kept under the key as one JSON array. */
        Optional<String> query();

        /** Whether the query gives one row at most, which is kept as one JSON object. */
        Optional<String> single();

        /** After which a value that was not renewed is forgotten, such as {@code 24h}. */
        Optional<String> ttl();

        /** Templates of names by which keys can be found and evicted together. */
        Optional<List<String>> tags();

        /** Whether keys that are made of rows are filled before the rows change. */
        Optional<String> warm();

        /**
         * How long it is remembered that a key is gone; a change that is older than that reads its
         * row again. Default: {@code 24h}.
         */
        Optional<String> fenceTtl();
    }
}
