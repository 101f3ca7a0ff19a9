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

        /** The ways to tell it, such as {@code log} and {@code slack}, the best first. */
        Optional<List<String>> channels();

        /**
         * Whom: names or addresses, {@code {column}}, or a SELECT that gives any of the columns
         * name, email, slack, teams and locale. Without it one message goes to nobody in
         * particular.
         */
        Optional<String> to();

        /** How many people one change may be told to; default: 1000. */
        Optional<String> maxRecipients();

        /** A SELECT of one row, whose columns are {@code {enrich.column}} in templates. */
        Optional<String> enrich();

        /** A Qute template that makes one line. */
        Optional<String> title();

        /** A Qute template; may be left out. */
        Optional<String> body();

        /** A Qute template that makes an http or https URL; may be left out. */
        Optional<String> link();

        /** A time, or {@code transaction}: changes that are told together. */
        Optional<String> digest();

        /** A Qute template over {@code count}, {@code rule}, {@code first}, {@code recipient}. */
        Optional<String> digestTitle();

        /** For how long the same is not told again to the same recipient. */
        Optional<String> dedupe();

        /** A Qute template that makes what is the same; default: the title. */
        Optional<String> dedupeKey();

        /** How long an update is held, to be dropped if the row is set back. */
        Optional<String> suppressIfRevertedWithin();

        /** When nobody is told anything. */
        Optional<QuietConfig> quiet();
    }

    /** A time of every day. */
    interface QuietConfig {

        /** Such as {@code "22:00"}. */
        Optional<String> from();

        /** Such as {@code "07:00"}. */
        Optional<String> to();

        /** Such as {@code Europe/Berlin}; default: UTC. */
        Optional<String> zone();
    }
}
