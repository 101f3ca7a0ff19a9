package dev.walmonitor.handler.stream;

import dev.walmonitor.rule.RulesConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import java.util.Map;
import java.util.Optional;

/** What rules say of the action {@code stream}. */
@ConfigMapping(prefix = RulesConfig.PREFIX)
public interface StreamRules {

    /** By the rule's name. */
    @WithParentName
    Map<String, StreamRule> rules();

    /** One rule. */
    interface StreamRule {
        @WithName("stream")
        Optional<StreamConfig> action();
    }

    /** The action's keys. */
    interface StreamConfig {

        /** The stream's key in Redis, the same for every row. */
        Optional<String> key();

        /** About how many entries it keeps; default: 100000. */
        Optional<String> maxLength();
    }
}
