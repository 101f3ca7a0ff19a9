package dev.walmonitor.rule;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rules file as far as all actions share it; each action's own keys are mapped beside its
 * handler. Everything is text and optional here: what is missing or malformed is a {@link Fault} of
 * ours, told together with all others, rather than the end of the start at the first one.
 */
@ConfigMapping(prefix = RulesConfig.PREFIX)
public interface RulesConfig {

    /** Where rules stand in the configuration. */
    String PREFIX = "wal-monitor.rules";

    /** By name. */
    @WithParentName
    Map<String, RuleConfig> rules();

    /** What is common to the rules of every action. */
    interface RuleConfig {

        /** Tables or globs such as {@code public.roles}, {@code shop.order_*}. */
        Optional<List<String>> tables();

        /** Of {@code insert}, {@code update}, {@code delete}, {@code truncate}; default: all. */
        Optional<List<String>> events();

        /** Of the updates, only those that gave one of these columns another value. */
        Optional<List<String>> changed();

        /**
         * A condition in CEL over before, after, event, op, table, schema and changed("column").
         */
        Optional<String> when();

        /** {@code key}, {@code table} or {@code none}: which changes wait for one another. */
        Optional<String> order();

        /** The source to listen to; default: the only one, or {@code main}. */
        Optional<String> source();

        /** How a change that failed is tried again. */
        Optional<RetryConfig> retry();

        /**
         * {@code dead-letter}, {@code stop} or {@code drop}: what becomes of a change that failed
         * as often as it may.
         */
        Optional<String> onExhausted();

        /** {@code true}: the rule does nothing until it is resumed, and its changes wait. */
        Optional<String> paused();
    }

    /** Durations such as {@code 500ms} or {@code 30s}. */
    interface RetryConfig {

        /** After the first failure; doubles with every further one. */
        Optional<String> backoff();

        /** However often it failed. */
        Optional<String> maxBackoff();

        /** How often a change is tried, the first time included. */
        Optional<String> maxAttempts();
    }
}
