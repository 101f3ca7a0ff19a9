package dev.walmonitor.monitor;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import org.flywaydb.core.Flyway;

/** Makes the schema and brings its tables to the version of this build. Blocks. */
record Migration(Flyway flyway) implements Runnable {

    /** What the slower of two instances gets that make the schema at the same time. */
    private static final Set<String> ANOTHER_WAS_FASTER = Set.of("42P06", "23505");

    /** Any number that nobody else takes. */
    private static final String ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7203417598)";

    /**
     * One instance at a time: where the schema holds a table of another's already, Flyway notes a
     * baseline first, which two cannot do at once.
     */
    @Override
    public void run() {
        try (Connection connection = flyway.getConfiguration().getDataSource().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            var _ = statement.execute(ONE_AT_A_TIME);
            makeSchema();
            var _ = flyway.migrate();
            connection.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException("Expected to find or make the schema wal_monitor", e);
        }
    }

    /** Flyway would do it too, but takes ten seconds to believe that it has no right to. */
    private void makeSchema() throws SQLException {
        try (Connection connection = flyway.getConfiguration().getDataSource().getConnection();
                Statement statement = connection.createStatement()) {
            if (exists(statement)) {
                return;
            }
            var _ = statement.executeUpdate("CREATE SCHEMA wal_monitor");
        } catch (SQLException e) {
            if (!ANOTHER_WAS_FASTER.contains(e.getSQLState())) {
                throw e;
            }
        }
    }

    private static boolean exists(Statement statement) throws SQLException {
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT 1 FROM pg_namespace WHERE nspname = 'wal_monitor'")) {
            return rows.next();
        }
    }
}
