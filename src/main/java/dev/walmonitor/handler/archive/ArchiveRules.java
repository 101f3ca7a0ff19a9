package dev.walmonitor.handler.archive;

import dev.walmonitor.rule.RulesConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import java.util.Map;
import java.util.Optional;

/** What rules say of the action {@code archive}. */
@ConfigMapping(prefix = RulesConfig.PREFIX)
public interface ArchiveRules {

    /** By the rule's name. */
    @WithParentName
    Map<String, ArchiveRule> rules();

    /** One rule. */
    interface ArchiveRule {
        @WithName("archive")
        Optional<ArchiveActionConfig> action();
    }

    /** The action's keys. */
    interface ArchiveActionConfig {

        /**
         * How long changes are kept, at least a day; {@code default} is what {@code
         * wal-monitor.archive.retention} says.
         */
        Optional<String> retention();
    }
}
