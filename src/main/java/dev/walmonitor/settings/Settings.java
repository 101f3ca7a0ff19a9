package dev.walmonitor.settings;

import dev.walmonitor.source.DatabaseUrl;
import dev.walmonitor.source.LoginOptions;
import dev.walmonitor.source.MalformedUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The translation itself: from what is configured to the settings that follow from it. Pure.
 *
 * @param stated what the environment variables say in other words; stronger than a file, weaker
 *     than the setting's own variable
 * @param derived Quarkus's datasource and Redis, made from our own settings; weaker than anything
 *     that is configured
 */
record Settings(Map<String, String> stated, Map<String, String> derived) {
    /** Below the variables themselves (300), above every file. */
    static final int STATED_ORDINAL = 290;

    /** Below every file. */
    static final int DERIVED_ORDINAL = 200;

    static final String SOURCE_URL = "wal-monitor.sources.main.url";
    static final String REDIS_HOSTS = "quarkus.redis.hosts";
    private static final String MAIN = "main";
    private static final String SOURCE = "wal-monitor.sources.main.";

    /** The environment variables whose value is taken as it is. */
    private static final Map<String, String> PLAIN =
            Map.of(
                    "DATABASE_URL", SOURCE_URL,
                    "REPLICATION_SLOT", SOURCE + "slot",
                    "PUBLICATION_NAME", SOURCE + "publication");

    /** The environment variables that hold a number of milliseconds. */
    private static final Map<String, String> MILLISECONDS =
            Map.of(
                    "HEARTBEAT_INTERVAL", SOURCE + "heartbeat-interval",
                    "WAL_SENDER_TIMEOUT", SOURCE + "wal-sender-timeout");

    /**
     * Translates all that is configured.
     *
     * @throws BadSettings with every fault, each with the name of the setting it was found in
     */
    static Settings translate(Lookup lookup) {
        List<String> faults = new ArrayList<>();
        Map<String, String> stated = stated(lookup, faults);
        @Nullable DatabaseUrl source = source(lookup, stated, faults);
        @Nullable DatabaseUrl monitor =
                parsed("MONITOR_DATABASE_URL", lookup.get("MONITOR_DATABASE_URL"), faults);
        LoginOptions logins = logins(lookup);
        if (source != null) {
            logins.faults(source).forEach(fault -> faults.add("Source " + MAIN + ": " + fault));
        }
        Map<String, String> derived = new TreeMap<>();
        @Nullable String reactiveUrl = lookup.get(DatasourceSettings.REACTIVE_URL);
        if (reactiveUrl == null && monitor != null) {
            derived.putAll(DatasourceSettings.of(monitor));
        } else if (reactiveUrl == null && source != null) {
            derived.putAll(
                    logins.areGiven()
                            ? DatasourceSettings.ofSource(MAIN, source)
                            : DatasourceSettings.of(source));
        }
        if (reactiveUrl != null && source == null) {
            derived.put(
                    SOURCE_URL,
                    DatasourceSettings.sourceUrl(
                            reactiveUrl,
                            lookup.get(DatasourceSettings.USERNAME),
                            lookup.get(DatasourceSettings.PASSWORD)));
        }
        if (!faults.isEmpty()) {
            throw new BadSettings(faults);
        }
        return new Settings(stated, derived);
    }

    /**
     * Looks whether a password is in the file that it is to come from, or the first to connect
     * would say so with a stack trace. Blocks.
     *
     * @throws BadSettings if there is none
     */
    static void demandPassword(Lookup lookup) {
        logins(lookup)
                .missingPassword()
                .ifPresent(fault -> {
                    throw new BadSettings(List.of("Source " + MAIN + ": " + fault));
                });
    }

    /** What nobody has configured and the service cannot do without, one sentence each. */
    static List<String> missing(Lookup lookup) {
        List<String> missing = new ArrayList<>();
        if (!hasDatabase(lookup)) {
            missing.add(
                    "No database is configured: set DATABASE_URL to postgresql://USER:PASSWORD@HOST:5432/DATABASE.");
        }
        if (!hasRedis(lookup)) {
            missing.add("No Redis is configured: set REDIS_URL to redis://:PASSWORD@HOST:6379.");
        }
        return missing;
    }

    /** Whether somebody said where the database is: then it is his, and not one of Dev Services. */
    static boolean hasOwnDatabase(Lookup lookup) {
        return lookup.get("DATABASE_URL") != null
                || lookup.get("MONITOR_DATABASE_URL") != null
                || lookup.get(SOURCE_URL) != null;
    }

    static boolean hasDatabase(Lookup lookup) {
        return hasOwnDatabase(lookup) || lookup.get(DatasourceSettings.REACTIVE_URL) != null;
    }

    static boolean hasRedis(Lookup lookup) {
        return lookup.get("REDIS_URL") != null || lookup.get(REDIS_HOSTS) != null;
    }

    private static void plain(
            Map<String, String> names, Lookup lookup, Map<String, String> stated) {
        names.forEach((variable, setting) -> {
            @Nullable String value = lookup.get(variable);
            if (value != null) {
                stated.put(setting, value);
            }
        });
    }

    private static Map<String, String> stated(Lookup lookup, List<String> faults) {
        Map<String, String> stated = new TreeMap<>();
        plain(PLAIN, lookup, stated);
        plain(TelemetryVariables.ALL, lookup, stated);
        MILLISECONDS.forEach((variable, setting) -> {
            @Nullable String value = lookup.get(variable);
            if (value != null && value.matches("[0-9]{1,9}")) {
                stated.put(setting, value + "ms");
            } else if (value != null) {
                faults.add(
                        variable
                                + ": Expected a whole number of milliseconds such as 10000, got "
                                + value
                                + ".");
            }
        });
        @Nullable String redis = lookup.get("REDIS_URL");
        if (redis != null) {
            try {
                stated.put(REDIS_HOSTS, RedisUrls.normalized("REDIS_URL", redis));
            } catch (BadSettings e) {
                faults.add(String.valueOf(e.getMessage()));
            }
        }
        return stated;
    }

    /** A setting's own variable is stronger than DATABASE_URL, and that is stronger than a file. */
    private static @Nullable DatabaseUrl source(
            Lookup lookup, Map<String, String> stated, List<String> faults) {
        @Nullable String own = lookup.get(SOURCE_URL);
        boolean isOwn =
                own != null
                        && (!stated.containsKey(SOURCE_URL)
                                || lookup.ordinal(SOURCE_URL) > STATED_ORDINAL);
        return isOwn
                ? parsed(SOURCE_URL, own, faults)
                : parsed("DATABASE_URL", stated.get(SOURCE_URL), faults);
    }

    private static LoginOptions logins(Lookup lookup) {
        return new LoginOptions(
                Optional.ofNullable(lookup.get(SOURCE + "password-file")),
                Optional.ofNullable(lookup.get(SOURCE + "credentials-provider")),
                Optional.ofNullable(lookup.get(SOURCE + "credentials-provider-name")));
    }

    private static @Nullable DatabaseUrl parsed(
            String name, @Nullable String url, List<String> faults) {
        if (url == null) {
            return null;
        }
        try {
            return DatabaseUrl.parse(url);
        } catch (MalformedUrl e) {
            e.faults().forEach(fault -> faults.add(name + ": " + fault));
            return null;
        }
    }
}
