package dev.walmonitor.settings;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.source.yaml.YamlConfigSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * Where the translation meets Quarkus's configuration. While the application is built it adds
 * nothing that holds an address: Quarkus would write it into the artifact.
 */
public final class SettingsSourceFactory implements ConfigSourceFactory {
    static final String DEV_SERVICES = "wal-monitor.dev-services";

    /** Who starts PostgreSQL and Redis for dev and test where no URL is configured. */
    enum DevServices {
        /** We, from binaries on the class path. */
        EMBEDDED,
        /** Quarkus's Dev Services. */
        DOCKER,
        /** Nobody. */
        OFF
    }

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        Lookup lookup = new ContextLookup(context);
        boolean isTest = context.getProfiles().contains("test");
        try {
            if (isTest || context.getProfiles().contains("dev")) {
                return local(lookup, isTest);
            }
            if (isBuild()) {
                return List.of();
            }
            if (lookup.get(OfCommands.COMMAND) != null) {
                List<ConfigSource> sources = new ArrayList<>(translated(lookup));
                sources.addAll(OfCommands.sources(lookup));
                return sources;
            }
            demandAll(lookup);
            return translated(lookup);
        } catch (BadSettings e) {
            if (isTest) {
                throw e;
            }
            return refuse(e);
        }
    }

    /** For dev and test, where servers may be started. */
    private static List<ConfigSource> local(Lookup lookup, boolean isTest) {
        DevServices devServices = devServices(lookup);
        List<ConfigSource> sources = new ArrayList<>(translated(lookup));
        if (!isTest && devServices != DevServices.OFF && !Settings.hasOwnDatabase(lookup)) {
            sources.add(
                    new PropertiesConfigSource(
                            Map.of("wal-monitor.demo.enabled", "true"), "demo", 150));
            sources.add(demoRules());
        }
        if (devServices != DevServices.DOCKER) {
            sources.add(
                    new PropertiesConfigSource(
                            Map.of("quarkus.devservices.enabled", "false"),
                            "no dev services",
                            270));
        }
        switch (devServices) {
            case EMBEDDED ->
                    EmbeddedSource.forWhatIsMissing(lookup, isTest ? "test" : "dev")
                            .ifPresent(embedded -> {
                                // In dev at once, so that a server that cannot start is one
                                // sentence and not a stack trace.
                                if (!isTest) {
                                    var _ = embedded.settings();
                                }
                                sources.add(embedded);
                            });
            case DOCKER -> {}
            case OFF -> {
                if (!isTest) {
                    demandAll(lookup);
                }
            }
        }
        return sources;
    }

    private static ConfigSource demoRules() {
        try (InputStream in = SettingsSourceFactory.class.getResourceAsStream("/demo/rules.yaml")) {
            if (in == null) {
                throw new IllegalStateException("Expected the resource demo/rules.yaml");
            }
            String rules = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new YamlConfigSource("rules of the demo", rules, 150);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<ConfigSource> translated(Lookup lookup) {
        Settings settings = Settings.translate(lookup);
        Settings.demandPassword(lookup);
        return List.of(
                new PropertiesConfigSource(
                        settings.stated(), "environment of WAL Monitor", Settings.STATED_ORDINAL),
                new PropertiesConfigSource(
                        settings.derived(), "datasource of WAL Monitor", Settings.DERIVED_ORDINAL),
                new PropertiesConfigSource(
                        tokens(lookup), "doors of WAL Monitor", Settings.DERIVED_ORDINAL));
    }

    /** Tokens are taken where it is said whose; without that, Quarkus would not start. */
    private static Map<String, String> tokens(Lookup lookup) {
        boolean taken = lookup.get("quarkus.oidc.auth-server-url") != null;
        return Map.of("quarkus.oidc.tenant-enabled", String.valueOf(taken));
    }

    private static void demandAll(Lookup lookup) {
        List<String> missing = Settings.missing(lookup);
        if (!missing.isEmpty()) {
            throw new BadSettings(missing);
        }
    }

    private static DevServices devServices(Lookup lookup) {
        @Nullable String word = lookup.get(DEV_SERVICES);
        if (word == null) {
            return DevServices.EMBEDDED;
        }
        for (DevServices devServices : DevServices.values()) {
            if (devServices.name().toLowerCase(Locale.ROOT).equals(word)) {
                return devServices;
            }
        }
        throw new BadSettings(
                List.of(DEV_SERVICES + ": Expected embedded, docker or off, got " + word + "."));
    }

    /**
     * Quarkus's build steps can be seen only while it builds, in Maven or in the first half of a
     * dev or test start.
     */
    private static boolean isBuild() {
        try {
            var _ =
                    Class.forName(
                            "io.quarkus.deployment.QuarkusAugmentor",
                            false,
                            SettingsSourceFactory.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /**
     * The process has one sentence to say and nothing to end in order; Quarkus's shutdown hook
     * would wait for a start.
     */
    @SuppressWarnings("SystemOut") // there is no log yet
    private static List<ConfigSource> refuse(BadSettings e) {
        System.err.println(e.getMessage());
        System.err.flush();
        Runtime.getRuntime().halt(1);
        return List.of();
    }

    private record ContextLookup(ConfigSourceContext context) implements Lookup {
        /**
         * What dev and test recorded while they were built has the lowest ordinal there is: nobody
         * configured it.
         */
        @Override
        public @Nullable String get(String name) {
            @Nullable ConfigValue found = context.getValue(name);
            @Nullable String value =
                    found == null || found.getConfigSourceOrdinal() < 0 ? null : found.getValue();
            return value == null || value.isBlank() ? null : value.strip();
        }

        @Override
        public int ordinal(String name) {
            @Nullable ConfigValue found = context.getValue(name);
            return found == null ? 0 : found.getConfigSourceOrdinal();
        }
    }
}
