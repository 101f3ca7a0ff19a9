package dev.walmonitor.source;

import dev.walmonitor.source.SourcesConfig.SourceConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The configuration of a source, as it would be read from properties. */
public final class TestSources {
    private TestSources() {}

    /**
     * Sources of which each has only what is said.
     *
     * @param properties such as {@code main.url}
     */
    public static SourcesConfig configured(Map<String, String> properties) {
        Map<String, String> prefixed = new HashMap<>();
        properties.forEach((name, value) -> prefixed.put("wal-monitor.sources." + name, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(SourcesConfig.class)
                .withSources(new PropertiesConfigSource(prefixed, "test", 100))
                .build()
                .getConfigMapping(SourcesConfig.class);
    }

    /** The source {@code main} with only what is said. */
    public static SourceConfig main(Map<String, String> properties) {
        Map<String, String> named = new HashMap<>();
        properties.forEach((name, value) -> named.put("main." + name, value));
        return Objects.requireNonNull(configured(named).sources().get("main"));
    }
}
