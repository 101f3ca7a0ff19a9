package dev.walmonitor.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL of a test's own, with everything that can happen to a real one: it can be stopped,
 * killed, frozen and started again on the same data and port. Close it at the end of the test.
 */
public final class PostgresServer extends EmbeddedPostgres {
    private final @Nullable TestCertificate certificate;

    private PostgresServer(PostgresOptions options, @Nullable TestCertificate certificate) {
        super(options);
        this.certificate = certificate;
        if (certificate != null) {
            certificate.write(data());
        }
    }

    private PostgresServer(PostgresServer original) {
        super(original);
        this.certificate = original.certificate;
    }

    /**
     * A copy of this server, which must not run, with settings of its own that come last. What
     * differs by more than a setting is for the caller to write; not started.
     */
    public PostgresServer copy(String... settings) {
        PostgresServer copy = new PostgresServer(this);
        copy.configure(settings);
        return copy;
    }

    /** Adds lines to postgresql.conf, for the next start. */
    public void configure(String... settings) {
        try {
            Files.write(
                    data().resolve("postgresql.conf"),
                    List.of(settings),
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next start makes a standby of it: it replays and waits to be promoted. */
    public void becomeStandby() {
        try {
            Files.createFile(data().resolve("standby.signal"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a primary of the standby; returns when it is one. */
    public void promote() {
        execute("SELECT pg_promote(true, 60)");
    }

    /**
     * A server with the settings that logical replication needs, role and database {@code app};
     * started.
     */
    public static PostgresServer started() {
        return builder().start();
    }

    public static Builder builder() {
        return new Builder(PostgresOptions.of(Ports.ANY), false);
    }

    /** What differs from the usual server. */
    public record Builder(PostgresOptions options, boolean tls) {

        /** A setting of postgresql.conf. */
        public Builder setting(String name, String value) {
            return new Builder(options.with(name, value), tls);
        }

        /** An option of initdb, such as {@code --wal-segsize=1}. */
        public Builder initdb(String option) {
            return new Builder(options.withInitdb(option), tls);
        }

        /** A line of pg_hba.conf, before the usual ones. */
        public Builder hba(String line) {
            return new Builder(options.withHba(line), tls);
        }

        /**
         * Speaks TLS, with a certificate for localhost and 127.0.0.1; see {@link
         * PostgresServer#certificate()}.
         */
        public Builder withTls() {
            return new Builder(
                    options.with("ssl", "on")
                            .with("ssl_cert_file", "server.crt")
                            .with("ssl_key_file", "server.key"),
                    true);
        }

        public PostgresServer start() {
            PostgresServer server =
                    new PostgresServer(options, tls ? TestCertificate.forLoopback() : null);
            server.start();
            server.createApp();
            return server;
        }
    }

    /** Ends all sessions and the server, orderly. */
    public void stopFast() {
        stop(Stop.FAST);
    }

    /** Ends the server at once, as after a crash. */
    public void stopImmediately() {
        stop(Stop.IMMEDIATE);
    }

    /** Kills the server and all its children with SIGKILL. */
    public void kill9() {
        Process postmaster = running();
        List<ProcessHandle> all = new ArrayList<>(postmaster.descendants().toList());
        var _ = postmaster.destroyForcibly();
        all.forEach(child -> {
            var _ = child.destroyForcibly();
        });
        awaitEnd(postmaster);
        all.forEach(child -> {
            var _ = child.onExit().join();
        });
    }

    /** Starts it again after one of the above, on the same data and port. */
    public void restart() {
        start();
    }

    /**
     * Stops postmaster and sessions from running, as a machine that hangs; {@link #thaw} lets them
     * go on.
     */
    public void freeze() {
        signalAll("STOP");
    }

    public void thaw() {
        signalAll("CONT");
    }

    /**
     * The postmaster first, so that it starts no more children; a child that has just ended is none
     * to signal.
     */
    private void signalAll(String signal) {
        Process postmaster = running();
        Programs.run(List.of("kill", "-" + signal, String.valueOf(postmaster.pid())));
        postmaster
                .descendants()
                .filter(ProcessHandle::isAlive)
                .forEach(child -> {
                    try {
                        Programs.run(List.of("kill", "-" + signal, String.valueOf(child.pid())));
                    } catch (EmbeddedServerException e) {
                        if (child.isAlive()) {
                            throw e;
                        }
                    }
                });
    }

    /** Makes a database owned by {@code app} and gives its URL. */
    public String createDatabase(String name) {
        execute(SUPERUSER, "CREATE DATABASE " + name + " OWNER app");
        return url(name);
    }

    /** Runs statements in the database {@code app} as superuser. */
    public void execute(String sql) {
        execute(APP, sql);
    }

    /**
     * The first column of a query's first row, as text; null if there is no row. Runs as superuser.
     */
    public @Nullable String query(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : null;
        } catch (SQLException e) {
            throw new EmbeddedServerException(
                    "The embedded PostgreSQL refused a query: " + e.getMessage(), e);
        }
    }

    /** A superuser's JDBC connection, for the caller to close. */
    public Connection open(String database) throws SQLException {
        return connect(database);
    }

    /** The URL of the database {@code app}, as role {@code app}. */
    public String url() {
        return url(APP);
    }

    /** The URL of a database, as role {@code app}. */
    public String url(String database) {
        return "postgresql://app:app@127.0.0.1:" + port() + "/" + database;
    }

    /** The URL of a database as superuser. */
    public String superuserUrl(String database) {
        return "postgresql://"
                + SUPERUSER
                + ":"
                + SUPERUSER
                + "@127.0.0.1:"
                + port()
                + "/"
                + database;
    }

    public int portNumber() {
        return port();
    }

    /** Where everything of the server is; it goes with the server. */
    public Path directoryOnDisk() {
        return directory();
    }

    /** The process id of the postmaster, which runs. */
    public long pid() {
        return running().pid();
    }

    /** What clients have to trust when the server speaks TLS. */
    public TestCertificate certificate() {
        if (certificate == null) {
            throw new IllegalStateException("Expected a server that was built with TLS");
        }
        return certificate;
    }
}
