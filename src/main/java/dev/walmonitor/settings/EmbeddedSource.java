package dev.walmonitor.settings;

import dev.walmonitor.source.DatabaseUrl;
import java.lang.reflect.InvocationTargetException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of the embedded servers. They start when the first address is asked for, so a test
 * that needs none waits for none.
 */
final class EmbeddedSource implements ConfigSource {
    /** By name, so that nothing of the embedded servers is reachable in the packaged service. */
    private static final String STARTER = "dev.walmonitor.embedded.EmbeddedServers";

    private final String profile;
    private final boolean postgres;
    private final boolean redis;
    private final Set<String> names = new HashSet<>();
    private @Nullable Map<String, String> settings;

    private EmbeddedSource(String profile, boolean postgres, boolean redis) {
        this.profile = profile;
        this.postgres = postgres;
        this.redis = redis;
        if (postgres) {
            names.addAll(DatasourceSettings.NAMES);
            names.add(Settings.SOURCE_URL);
        }
        if (redis) {
            names.add(Settings.REDIS_HOSTS);
        }
    }

    /**
     * A source for the servers that nobody has configured.
     *
     * @param profile dev or test; each has servers of its own
     */
    static Optional<EmbeddedSource> forWhatIsMissing(Lookup lookup, String profile) {
        boolean postgres = !Settings.hasDatabase(lookup);
        boolean redis = !Settings.hasRedis(lookup);
        return postgres || redis
                ? Optional.of(new EmbeddedSource(profile, postgres, redis))
                : Optional.empty();
    }

    @Override
    public Set<String> getPropertyNames() {
        return names;
    }

    @Override
    public @Nullable String getValue(String name) {
        return names.contains(name) ? settings().get(name) : null;
    }

    @Override
    public String getName() {
        return "embedded servers";
    }

    @Override
    public int getOrdinal() {
        return 270;
    }

    /** Starts the servers, unless they run. */
    synchronized Map<String, String> settings() {
        if (settings == null) {
            Map<String, String> started = new HashMap<>();
            if (postgres) {
                String url = start("postgres");
                started.putAll(DatasourceSettings.of(DatabaseUrl.parse(url)));
                started.put(Settings.SOURCE_URL, url);
            }
            if (redis) {
                started.put(Settings.REDIS_HOSTS, start("redis"));
            }
            settings = started;
        }
        return settings;
    }

    private String start(String server) {
        try {
            return (String)
                    Class.forName(STARTER).getMethod(server, String.class).invoke(null, profile);
        } catch (InvocationTargetException e) {
            throw new BadSettings(List.of(String.valueOf(e.getTargetException().getMessage())));
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IllegalStateException(
                    "Expected the embedded servers on the class path of dev and test", e);
        }
    }
}
