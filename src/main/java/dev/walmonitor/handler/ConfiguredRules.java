package dev.walmonitor.handler;

import dev.walmonitor.rule.RulesText;
import io.quarkus.arc.All;
import io.smallrye.config.NameIterator;
import io.smallrye.config.SmallRyeConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.microprofile.config.Config;

/** The rule book of this process. */
final class ConfiguredRules {
    private static final String SOURCES = "wal-monitor.sources.";

    @Produces
    @Singleton
    RulesText text(Config all) {
        return RulesText.of(all.unwrap(SmallRyeConfig.class));
    }

    @Produces
    @Singleton
    RuleBook book(
            RulesText text,
            Config all,
            @All List<ActionFactory> factories,
            JavaHandlers handlers,
            Guard conditions) {
        RuleReader reader = new RuleReader(text, sources(all));
        return new RuleBook(reader, factories, handlers.all(), conditions);
    }

    private static Set<String> sources(Config config) {
        Set<String> sources = new TreeSet<>();
        for (String property : config.getPropertyNames()) {
            if (property.startsWith(SOURCES)) {
                sources.add(new NameIterator(property, SOURCES.length() - 1).getNextSegment());
            }
        }
        return sources;
    }
}
