package dev.walmonitor.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class PostgresServerTest {

    @Test
    void is_ready_for_logical_replication_and_has_the_application_role() {
        PostgresServer server = SharedServers.postgres();

        assertThat(server.query("app", "SHOW wal_level")).isEqualTo("logical");
        assertThat(
                        server.query(
                                "app",
                                "SELECT rolreplication || ' ' || rolsuper FROM pg_roles WHERE rolname = 'app'"))
                .isEqualTo("true false");
        assertThat(
                        server.query(
                                "app",
                                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'app'"))
                .isEqualTo("app");
    }

    @Test
    void keeps_committed_rows_and_port_over_every_kind_of_end() {
        try (PostgresServer server = PostgresServer.started()) {
            int port = server.portNumber();
            server.execute("CREATE TABLE t (n int)");
            List<Runnable> ends = List.of(server::stopFast, server::stopImmediately, server::kill9);
            for (Runnable end : ends) {
                server.execute("INSERT INTO t SELECT count(*) FROM t");
                end.run();
                server.restart();
            }

            assertThat(server.query("app", "SELECT string_agg(n::text, ',' ORDER BY n) FROM t"))
                    .isEqualTo("0,1,2");
            assertThat(server.portNumber()).isEqualTo(port);
        }
    }

    @Test
    void a_kill_takes_the_sessions_along() throws Exception {
        try (PostgresServer server = PostgresServer.started();
                Connection connection = server.open("app")) {
            List<ProcessHandle> sessions = server.running().descendants().toList();
            assertThat(connection.isValid(5)).isTrue();

            server.kill9();

            assertThat(sessions).isNotEmpty().noneMatch(ProcessHandle::isAlive);
        }
    }

    @Test
    void takes_settings_initdb_options_and_hba_lines() {
        try (PostgresServer server =
                PostgresServer.builder()
                        .setting("max_wal_senders", "3")
                        .setting("application_name", "it's")
                        .initdb("--wal-segsize=1")
                        .hba("host all nobody 127.0.0.1/32 reject")
                        .start()) {
            assertThat(server.query("app", "SHOW max_wal_senders")).isEqualTo("3");
            assertThat(server.query("app", "SHOW wal_segment_size")).isEqualTo("1MB");
            assertThat(
                            server.query(
                                    "app",
                                    "SELECT auth_method FROM pg_hba_file_rules ORDER BY rule_number LIMIT 1"))
                    .isEqualTo("reject");
        }
    }

    @Test
    void speaks_tls_with_its_certificate() throws Exception {
        try (PostgresServer server = PostgresServer.builder().withTls().start()) {
            Path root =
                    Files.writeString(
                            Files.createTempFile("wal-monitor-root-", ".crt"),
                            server.certificate().certificate());
            Properties properties = new Properties();
            properties.putAll(
                    Map.of(
                            "user",
                            "app",
                            "password",
                            "app",
                            "sslmode",
                            "verify-full",
                            "sslrootcert",
                            root.toString()));
            try (Connection connection =
                            DriverManager.getConnection(
                                    "jdbc:postgresql://localhost:" + server.portNumber() + "/app",
                                    properties);
                    var rows =
                            connection
                                    .createStatement()
                                    .executeQuery(
                                            "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo("TLSv1.3");
            } finally {
                Files.delete(root);
            }
        }
    }

    @Test
    void a_frozen_server_goes_on_when_thawed() {
        try (PostgresServer server = PostgresServer.started()) {
            server.freeze();
            server.thaw();

            assertThat(server.query("app", "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void a_frozen_server_leaves_no_process_either() {
        PostgresServer server = PostgresServer.started();
        List<ProcessHandle> all = server.running().descendants().toList();
        server.freeze();

        server.close();

        await().until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void leaves_neither_process_nor_directory() {
        PostgresServer server = PostgresServer.started();
        ProcessHandle postmaster = server.running().toHandle();
        Path directory = server.directory();

        server.close();

        assertThat(postmaster.isAlive()).isFalse();
        assertThat(directory).doesNotExist();
    }

    @Test
    void says_what_postgres_said_when_it_does_not_start() {
        PostgresServer.Builder wrong = PostgresServer.builder().setting("no_such_setting", "1");

        assertThatThrownBy(wrong::start)
                .isInstanceOf(EmbeddedServerException.class)
                .hasMessageContaining("The embedded PostgreSQL ended with code 1: ")
                .hasMessageContaining("unrecognized configuration parameter \"no_such_setting\"");
    }

    @Test
    void a_fresh_database_is_empty_and_belongs_to_app() {
        String url = SharedServers.freshDatabase();

        String database = url.substring(url.lastIndexOf('/') + 1);
        assertThat(
                        SharedServers.postgres()
                                .query(
                                        database,
                                        "SELECT count(*) FROM pg_class WHERE relowner = 'app'::regrole"))
                .isEqualTo("0");
    }
}
