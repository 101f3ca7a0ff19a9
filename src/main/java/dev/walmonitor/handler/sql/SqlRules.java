package dev.walmonitor.handler.sql;

import dev.walmonitor.rule.RulesConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import java.util.Map;
import java.util.Optional;

/** What rules say of the action {@code sql}. */
@ConfigMapping(prefix = RulesConfig.PREFIX)
public interface SqlRules {

    /** By the rule's name. */
    @WithParentName
    Map<String, SqlRule> rules();

    /** One rule. */
    interface SqlRule {
        @WithName("sql")
        Optional<SqlActionConfig> action();
    }

    /** The action's keys. */
    interface SqlActionConfig {

        /** Where: a name below {@code wal-monitor.datasources}, or a source. */
        Optional<String> datasource();

        /** One INSERT, UPDATE, DELETE, MERGE or SELECT; a placeholder is a bind parameter. */
        Optional<String> statement();
    }
}
