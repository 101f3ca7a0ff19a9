package dev.walmonitor.embedded;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL and one Redis for all plain tests of a JVM; they end with it. A test that stops or
 * kills a server takes one of its own instead.
 */
public final class SharedServers {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static @Nullable PostgresServer postgres;
    private static @Nullable PostgresServer quiet;
    private static @Nullable RedisServer redis;

    private SharedServers() {}

    public static synchronized PostgresServer postgres() {
        if (postgres == null) {
            postgres = PostgresServer.builder().setting("max_replication_slots", "200").start();
        }
        return postgres;
    }

    /**
     * A PostgreSQL on which nothing is written but by the one test that uses it just now; it
     * listens on IPv6 too.
     */
    public static synchronized PostgresServer quiet() {
        if (quiet == null) {
            quiet =
                    PostgresServer.builder()
                            .setting("listen_addresses", "127.0.0.1,::1")
                            .setting("max_wal_senders", "40")
                            .setting("max_replication_slots", "200")
                            .start();
        }
        return quiet;
    }

    public static synchronized RedisServer redis() {
        if (redis == null) {
            redis = RedisServer.started();
        }
        return redis;
    }

    /**
     * The URL of a new, empty database owned by role {@code app}: one for each test class, or each
     * test.
     */
    public static String freshDatabase() {
        return postgres().createDatabase("test_" + number());
    }

    /** For names on a shared server: one that nobody else has got. */
    public static int number() {
        return NUMBERS.incrementAndGet();
    }

    /** Runs statements in a database, as the role that owns it. */
    public static void execute(String url, String... statements) {
        String jdbc = "jdbc:postgresql://" + url.substring(url.indexOf('@') + 1);
        try (Connection connection = DriverManager.getConnection(jdbc, "app", "app");
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "A statement of the test was refused: " + e.getMessage(), e);
        }
    }
}
