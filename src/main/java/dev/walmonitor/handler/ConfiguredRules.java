package dev.walmonitor.handler;

import dev.walmonitor.rule.RuleKeys;
import dev.walmonitor.rule.RulesConfig;
import io.quarkus.arc.All;
import io.smallrye.config.SmallRyeConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.config.Config;

/** The rule book of this process. */
final class ConfiguredRules {

    @Produces
    @Singleton
    RuleBook book(
            RulesConfig config,
            RuleKeys.Written written,
            Config all,
            @All List<ActionFactory> factories,
            JavaHandlers handlers) {
        RuleReader reader =
                new RuleReader(
                        config,
                        written,
                        all.unwrap(SmallRyeConfig.class)
                                .getMapKeys("wal-monitor.sources")
                                .keySet());
        return new RuleBook(reader, factories, handlers.all());
    }
}
