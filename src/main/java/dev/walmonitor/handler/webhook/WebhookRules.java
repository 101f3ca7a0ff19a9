package dev.walmonitor.handler.webhook;

import dev.walmonitor.rule.RulesConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithName;
import io.smallrye.config.WithParentName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What rules say of the action {@code webhook}. */
@ConfigMapping(prefix = RulesConfig.PREFIX)
public interface WebhookRules {

    /** By the rule's name. */
    @WithParentName
    Map<String, WebhookRule> rules();

    /** One rule. */
    interface WebhookRule {
        @WithName("webhook")
        Optional<WebhookConfig> action();
    }

    /** The action's keys. */
    interface WebhookConfig {

        /** Where to: an http or https URL. */
        Optional<String> url();

        /** What requests are signed with, each {@code whsec_} and base64; the newest first. */
        Optional<List<String>> secrets();

        /** More headers, each {@code Name: value}. */
        Optional<List<String>> headers();

        /** How long the receiver may take to answer; default: 10s. */
        Optional<String> timeout();
    }
}
