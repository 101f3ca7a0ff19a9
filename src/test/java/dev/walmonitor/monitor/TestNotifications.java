package dev.walmonitor.monitor;

import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.handler.Notifications;
import dev.walmonitor.sink.sql.TestPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What is kept of notifications, in a database of a test. */
public final class TestNotifications {
    private static final Path TABLES =
            Path.of("src/main/resources/db/migration/V4__notifications.sql");

    private TestNotifications() {}

    /** Makes the tables in a database that has none of ours. */
    public static void migrate(String url) {
        try {
            SharedServers.execute(url, "CREATE SCHEMA wal_monitor", Files.readString(TABLES));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Notifications of(TestPool pool) {
        MonitorDatabase database =
                new MonitorDatabase(pool.vertx(), Optional.empty(), Optional.empty());
        return new StoredNotifications(pool.pool(), database);
    }
}
