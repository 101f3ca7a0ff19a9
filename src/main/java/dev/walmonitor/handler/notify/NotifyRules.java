package dev.walmonitor.handler.notify;

import dev.walmonitor.rule.RulesConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What rules say of the action {@code notify}. */
@ConfigMapping(prefix = RulesConfig.PREFIX)
public interface NotifyRules {

    /** By the rule's name. */
    @WithParentName
    Map<String, NotifyRule> rules();

    /** One rule. */
    interface NotifyRule {
        @WithName("notify")
        Optional<NotifyConfig> action();
    }

    /** The action's keys. */
    interface NotifyConfig {

        /** The ways to tell it, such as {@code log} and {@code slack}. */
        Optional<List<String>> channels();

        /**
         * Whom: names or addresses, {@code {column}}, or a SELECT that gives any of the columns
         * name, email, slack, teams and locale. Without it one message goes to nobody in
         * particular.
         */
        Optional<String> to();

        /** A Qute template that makes one line. */
        Optional<String> title();

        /** A Qute template; may be left out. */
        Optional<String> body();
    }
}
