package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.PostgresServer;
import dev.walmonitor.embedded.SharedServers;
import dev.walmonitor.source.DatabaseUrl;
import io.smallrye.mutiny.Uni;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

class SchemaTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Test
    void aFreshDatabaseGetsTheTables() {
        String url = SharedServers.freshDatabase();
        Schema schema = schema(url);

        done(schema.migrate());

        assertThat(schema.state()).isEqualTo(new Schema.State.Ready());
        assertThat(
                        query(
                                url,
                                """
                                SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint
                                WHERE conname IN ('unique_source_wal', 'unique_source_name', 'wal_monitor_source')\
                                """))
                .isEqualTo("unique_source_name unique_source_wal wal_monitor_source");
        assertThat(
                        query(
                                url,
                                """
                                SELECT string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position)
                                FROM information_schema.columns WHERE table_schema = 'wal_monitor' AND table_name = 'wal_monitor'\
                                """))
                .isEqualTo(
                        "id integer, source_id integer, wal_lsn character varying, wal_position bigint,"
                                + " last_wal_received timestamp with time zone, last_transaction_time timestamp with time zone,"
                                + " replication_slot_name character varying, replication_lag_bytes bigint, status character varying,"
                                + " error_message text, last_checked_at timestamp with time zone, created_at timestamp with time zone,"
                                + " updated_at timestamp with time zone");
        assertThat(
                        query(
                                url,
                                """
                                SELECT string_agg(regexp_replace(indexdef, '.*USING btree ', ''), ' ' ORDER BY indexname)
                                FROM pg_indexes WHERE tablename = 'wal_monitor' AND indexname LIKE 'wal_monitor%' AND indexname <> 'wal_monitor_pkey'\
                                """))
                .isEqualTo("(status) (last_wal_received) (source_id)");
    }

    @Test
    void tablesThatAreThereAreLeftAsTheyAre() {
        String url = SharedServers.freshDatabase();
        done(schema(url).migrate());
        execute(url, "INSERT INTO wal_monitor.sources (name, kind) VALUES ('main', 'postgresql')");

        done(schema(url).migrate());

        assertThat(query(url, "SELECT name FROM wal_monitor.sources")).isEqualTo("main");
    }

    @Test
    void theSchemaMayHoldALedgerOfAnotherInstallation() {
        String url = SharedServers.freshDatabase();
        execute(
                url,
                "CREATE SCHEMA wal_monitor AUTHORIZATION app;"
                        + " CREATE TABLE wal_monitor.wal_monitor_applied (source text)");

        Schema schema = schema(url);
        done(schema.migrate());

        assertThat(schema.state()).isEqualTo(new Schema.State.Ready());
        assertThat(query(url, "SELECT count(*) FROM wal_monitor.sources")).isEqualTo("0");
    }

    @Test
    void severalInstancesMayStartAtTheSameTime() {
        String url = SharedServers.freshDatabase();

        done(
                Uni.join()
                        .all(schema(url).migrate(), schema(url).migrate(), schema(url).migrate())
                        .andFailFast()
                        .replaceWithVoid());

        assertThat(
                        query(
                                url,
                                "SELECT count(*) FROM wal_monitor.flyway_schema_history WHERE version = '1'"))
                .isEqualTo("1");
    }

    @Test
    void aWrongPasswordIsASentenceAndTheEnd() {
        String url = SharedServers.freshDatabase().replace("app:app@", "app:wrong@");

        assertThatThrownBy(() -> done(schema(url).migrate()))
                .isInstanceOf(MonitorDatabaseException.class)
                .hasMessage(
                        "The monitor database at "
                                + place(url)
                                + " does not let the user \"app\" in: password"
                                + " authentication failed for user \"app\". Correct user and password in MONITOR_DATABASE_URL"
                                + " (DATABASE_URL if that is not set).");
    }

    @Test
    void aMissingDatabaseIsASentenceAndTheEnd() {
        String url = SharedServers.postgres().url("nowhere");
        Schema schema = schema(url);

        assertThatThrownBy(() -> done(schema.migrate()))
                .hasMessage(
                        "The server 127.0.0.1:"
                                + DatabaseUrl.parse(url).port()
                                + " has no database \"nowhere\" for the"
                                + " monitor's tables. Create it with: CREATE DATABASE \"nowhere\"; or correct MONITOR_DATABASE_URL"
                                + " (DATABASE_URL if that is not set).");
        assertThat(schema.state()).isInstanceOf(Schema.State.Impossible.class);
    }

    @Test
    void aMissingRightIsASentenceWithTheStatementThatMendsIt() {
        String url = SharedServers.freshDatabase();
        execute(url, "CREATE ROLE reader LOGIN PASSWORD 'reader'");
        String asReader = url.replace("app:app@", "reader:reader@");

        assertThatThrownBy(() -> done(schema(asReader).migrate()))
                .hasMessageStartingWith(
                        "The user \"reader\" lacks a right in the monitor database at "
                                + place(url)
                                + ": permission denied for database "
                                + database(url)
                                + ". Let the database's owner run: GRANT CREATE ON"
                                + " DATABASE \""
                                + database(url)
                                + "\" TO \"reader\";");

        execute(url, "GRANT CREATE ON DATABASE " + database(url) + " TO reader");
        done(schema(asReader).migrate());
    }

    @Test
    void tablesOfAnotherBuildAreASentence() {
        String url = SharedServers.freshDatabase();
        done(schema(url).migrate());
        execute(
                url,
                "UPDATE wal_monitor.flyway_schema_history SET checksum = 1 WHERE version = '1'");

        assertThatThrownBy(() -> done(schema(url).migrate()))
                .hasMessage(
                        "The tables of schema wal_monitor at "
                                + place(url)
                                + " were made by another build than this one."
                                + " Start the build that made them, or point MONITOR_DATABASE_URL to another database.");
    }

    @Test
    void aServerThatIsDownIsWaitedFor() {
        try (PostgresServer server = PostgresServer.started()) {
            server.stopFast();
            Schema schema = schema(server.url());
            CompletableFuture<Void> migrated = schema.migrate().subscribeAsCompletionStage();
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(schema.state())
                                    .isEqualTo(
                                            new Schema.State.Pending(
                                                    "The monitor database at "
                                                            + place(server.url())
                                                            + " cannot be reached: the connection was refused or timed out.")));

            server.restart();

            assertThat(migrated).succeedsWithin(PATIENCE);
            assertThat(schema.state()).isEqualTo(new Schema.State.Ready());
        }
    }

    private static Schema schema(String url) {
        DatabaseUrl parsed = DatabaseUrl.parse(url);
        String jdbc = "jdbc:postgresql://" + place(url);
        Flyway flyway =
                Flyway.configure()
                        .dataSource(
                                jdbc,
                                parsed.user(),
                                parsed.password() == null ? "" : parsed.password().value())
                        .schemas("wal_monitor")
                        .baselineOnMigrate(true)
                        .baselineVersion("0")
                        .load();
        return new Schema(
                new Migration(flyway),
                DatabaseAddress.of(jdbc, parsed.user()),
                Duration.ofMillis(50));
    }

    private static void done(Uni<Void> work) {
        work.await().atMost(PATIENCE);
    }

    private static String place(String url) {
        DatabaseUrl parsed = DatabaseUrl.parse(url);
        return parsed.hostInUrl() + ":" + parsed.port() + "/" + parsed.database();
    }

    private static String database(String url) {
        return DatabaseUrl.parse(url).database();
    }

    private static String query(String url, String sql) {
        return String.valueOf(SharedServers.postgres().query(database(url), sql));
    }

    private static void execute(String url, String sql) {
        try (Connection connection = SharedServers.postgres().open(database(url));
                Statement statement = connection.createStatement()) {
            var _ = statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
