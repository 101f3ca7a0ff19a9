package dev.walmonitor.rule;

import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.source.yaml.YamlConfigSource;

/** Rules as a user writes them, read as the service reads them. */
public record RulesYaml(SmallRyeConfig config) {

    /**
     * @param rules what stands below {@code wal-monitor.rules}
     * @param mappings of the actions
     */
    public static RulesYaml of(String rules, Class<?>... mappings) {
        String yaml = "wal-monitor:\n  rules:\n" + rules.indent(4);
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .withSources(new YamlConfigSource("test", yaml, 100))
                        .withMapping(RuleKeys.Written.class)
                        .withMapping(RulesConfig.class);
        for (Class<?> mapping : mappings) {
            builder.withMapping(mapping);
        }
        return new RulesYaml(builder.build());
    }

    public RulesConfig rules() {
        return config.getConfigMapping(RulesConfig.class);
    }

    public RuleKeys.Written written() {
        return config.getConfigMapping(RuleKeys.Written.class);
    }

    public <T> T as(Class<T> mapping) {
        return config.getConfigMapping(mapping);
    }
}
