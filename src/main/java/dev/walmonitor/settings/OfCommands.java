package dev.walmonitor.settings;

import dev.walmonitor.source.DatabaseUrl;
import io.smallrye.config.PropertiesConfigSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * The settings of a process that was called for a command and not to serve: it opens no port, and
 * writes to the log only what is wrong. What the service cannot do without may be missing.
 */
final class OfCommands {
    static final String COMMAND = "wal-monitor.command";

    /** Above environment variables, so that no port is opened whatever they say. */
    private static final int STRONGEST = 500;

    private static final Map<String, String> QUIET =
            Map.of(
                    "quarkus.http.host-enabled", "false",
                    "quarkus.management.host-enabled", "false",
                    "quarkus.log.console.stderr", "true",
                    "quarkus.log.console.json.enabled", "false",
                    "quarkus.oidc.tenant-enabled", "false",
                    "quarkus.log.level", "WARN");

    /** Addresses that nobody listens on: nothing of a command goes there. */
    private static final DatabaseUrl NOWHERE =
            DatabaseUrl.parse("postgresql://nobody:none@127.0.0.1:1/none");

    private OfCommands() {}

    static List<ConfigSource> sources(Lookup lookup) {
        List<ConfigSource> sources = new ArrayList<>();
        sources.add(new PropertiesConfigSource(QUIET, "a command", STRONGEST));
        if (!Settings.hasDatabase(lookup)) {
            sources.add(
                    new PropertiesConfigSource(
                            DatasourceSettings.of(NOWHERE),
                            "no datasource",
                            Settings.DERIVED_ORDINAL));
        }
        if (!Settings.hasRedis(lookup)) {
            sources.add(
                    new PropertiesConfigSource(
                            Map.of(Settings.REDIS_HOSTS, "redis://127.0.0.1:1"),
                            "no Redis",
                            Settings.DERIVED_ORDINAL));
        }
        return sources;
    }
}
