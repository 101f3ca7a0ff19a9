package dev.walmonitor.rule;

import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;

/** Rules as a user writes them, read as the service reads them. */
public record RulesYaml(RulesText text) {

    /**
     * @param rules what stands below {@code wal-monitor.rules}
     */
    public static RulesYaml of(String rules) {
        return new RulesYaml(
                RulesText.of(
                        new SmallRyeConfigBuilder()
                                .addDefaultInterceptors()
                                .withSources(new YamlConfigSource("test", yaml(rules), 100))
                                .build()));
    }

    /** The whole file. */
    static String yaml(String rules) {
        return "wal-monitor:\n  rules:\n" + rules.indent(4);
    }
}
