package dev.walmonitor.handler.cache;

import dev.walmonitor.rule.RulesConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
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

        /** A SELECT whose rows are kept under the key as one JSON array. */
        Optional<String> query();

        /** After which a value that was not renewed is forgotten, such as {@code 24h}. */
        Optional<String> ttl();
    }
}
