package dev.walmonitor.handler;

import dev.walmonitor.rule.RuleKeys;
import dev.walmonitor.rule.RulesConfig;
import io.quarkus.arc.All;
import io.smallrye.config.NameIterator;
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
    RuleBook book(
            RulesConfig config,
            RuleKeys.Written written,
            Config all,
            @All List<ActionFactory> factories,
            JavaHandlers handlers,
            Guard conditions) {
        RuleReader reader = new RuleReader(config, written, sources(all));
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
