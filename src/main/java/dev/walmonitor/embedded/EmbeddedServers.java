package dev.walmonitor.embedded;

import java.util.function.Supplier;

/**
 * The servers of dev and of test: one of each in a JVM and profile, started when first asked for.
 * Live reload loads this class anew, so what runs is remembered in the JVM's system properties, and
 * by a lock that all class loaders share.
 */
public final class EmbeddedServers {
    /**
     * Where they are looked for first in dev, so that psql and redis-cli find them again after a
     * restart.
     */
    private static final int DEV_POSTGRES_PORT = 15432;

    private static final int DEV_REDIS_PORT = 16379;

    /** Interned, so every class loader locks the same object. */
    private static final String LOCK = "dev.walmonitor.embedded.lock".intern();

    private EmbeddedServers() {}

    /**
     * The URL of the profile's PostgreSQL: database {@code app}, owned by the role {@code app},
     * which may replicate.
     *
     * @param profile dev or test
     */
    public static String postgres(String profile) {
        return once(
                "postgres",
                profile,
                () -> {
                    EmbeddedPostgres postgres =
                            EmbeddedPostgres.create(
                                    PostgresOptions.of(
                                            profile.equals("dev") ? DEV_POSTGRES_PORT : Ports.ANY));
                    postgres.start();
                    postgres.createApp();
                    return postgres.appUrl();
                });
    }

    /** The URL of the profile's Redis. */
    public static String redis(String profile) {
        return once(
                "redis",
                profile,
                () -> {
                    EmbeddedRedis redis =
                            EmbeddedRedis.create(
                                    profile.equals("dev") ? DEV_REDIS_PORT : Ports.ANY);
                    redis.start();
                    return redis.url();
                });
    }

    private static String once(String server, String profile, Supplier<String> start) {
        String key = "dev.walmonitor.embedded." + server + "." + profile;
        synchronized (LOCK) {
            String running = System.getProperty(key);
            if (running == null) {
                running = start.get();
                System.setProperty(key, running);
            }
            return running;
        }
    }
}
