package dev.walmonitor.bench;

import dev.walmonitor.embedded.MeasuredPostgres;
import dev.walmonitor.embedded.MeasuredRedis;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * The packaged service on a server where it has never been.
 *
 * @param jar {@code quarkus-run.jar}
 * @param logs where each suite has a directory
 */
record Packaged(MeasuredPostgres server, Quiet quiet, Path jar, Path logs) {
    private static final String SLOT = "wal_monitor";

    /** Starts it when the machine is quiet; {@link #clear} is called when it has ended. */
    Service started(String suite, MeasuredRedis redis, Recording recording, String rules)
            throws Exception {
        quiet.await();
        Map<String, String> environment = new HashMap<>(recording.environment());
        environment.put("DATABASE_URL", server.url());
        environment.put("REDIS_URL", redis.address());
        return Service.started(jar, directory(suite), environment, rules);
    }

    Path directory(String suite) {
        return logs.resolve(suite);
    }

    /** Takes away what a service has left in the database. */
    void clear() throws SQLException, InterruptedException {
        Slots.drop(server, SLOT);
        server.run(
                "drop publication if exists " + SLOT, "drop schema if exists wal_monitor cascade");
    }
}
