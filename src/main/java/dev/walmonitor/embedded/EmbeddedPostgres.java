package dev.walmonitor.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One PostgreSQL server with a data directory of its own, a child of this process. Not thread-safe;
 * one owner starts and stops it.
 */
class EmbeddedPostgres implements AutoCloseable {
    static final String SUPERUSER = "postgres";
    static final String APP = "app";

    /**
     * Superuser and application have their names as passwords: the server listens on the loopback
     * address only.
     */
    private static final String PASSWORD_OF_APP = "app";

    /** How a server is told to stop. */
    enum Stop {
        /** Ends the sessions, flushes, ends. */
        FAST("INT"),
        /** Ends at once; the next start recovers. */
        IMMEDIATE("QUIT");

        private final String signal;

        Stop(String signal) {
            this.signal = signal;
        }
    }

    private final ServerDirectory directory;
    private final Path data;
    private final Path binaries;
    private final List<String> prefix;
    private final int port;
    private @Nullable Process process;

    private EmbeddedPostgres(ServerDirectory directory, Path binaries, int port) {
        this.directory = directory;
        this.data = directory.path().resolve("data");
        this.binaries = binaries;
        this.port = port;
        this.prefix = Programs.notAsRoot(directory.path());
    }

    protected EmbeddedPostgres(PostgresOptions options) {
        this(
                ServerDirectory.create("postgres", "data/postmaster.pid"),
                PostgresBinaries.directory(),
                Ports.free(options.port()));
        initialize(options);
    }

    /** A cold copy of a server that does not run, on another port; not started yet. */
    protected EmbeddedPostgres(EmbeddedPostgres original) {
        this(
                ServerDirectory.create("postgres", "data/postmaster.pid"),
                PostgresBinaries.directory(),
                Ports.free(Ports.ANY));
        Programs.run(List.of("cp", "-a", original.data.toString(), data.toString()));
    }

    /** A server that has its data directory and is not started yet. */
    static EmbeddedPostgres create(PostgresOptions options) {
        return new EmbeddedPostgres(options);
    }

    private void initialize(PostgresOptions options) {
        try {
            Path password = Files.writeString(directory.path().resolve("password"), SUPERUSER);
            List<String> command = new ArrayList<>(prefix);
            command.addAll(
                    List.of(
                            program("initdb"),
                            "-D",
                            data.toString(),
                            "-U",
                            SUPERUSER,
                            "--encoding=UTF8"));
            command.addAll(
                    List.of(
                            "--no-locale",
                            "--no-sync",
                            "--auth=scram-sha-256",
                            "--pwfile=" + password));
            command.addAll(options.initdb());
            Programs.run(command);
            Files.write(
                    data.resolve("postgresql.conf"),
                    options.configuration(),
                    StandardOpenOption.APPEND);
            Path hba = data.resolve("pg_hba.conf");
            List<String> lines = new ArrayList<>(options.hba());
            lines.addAll(Files.readAllLines(hba));
            Files.write(hba, lines);
        } catch (IOException e) {
            throw new EmbeddedServerException("Could not write PostgreSQL's configuration", e);
        }
    }

    /** Starts it and returns when it takes connections. */
    final void start() {
        try {
            List<String> command = new ArrayList<>(Programs.ownSession());
            command.addAll(prefix);
            command.addAll(
                    List.of(
                            program("postgres"),
                            "-D",
                            data.toString(),
                            "-p",
                            String.valueOf(port)));
            Path log = directory.path().resolve("postgres.log");
            Process started =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start();
            started.getOutputStream().close();
            process = started;
            Startup.await("PostgreSQL", started, log, () -> isReady(started.pid()));
        } catch (IOException e) {
            throw new EmbeddedServerException("PostgreSQL could not be run", e);
        }
    }

    /** Stops it and returns when it is gone. The directory stays, so it can be started again. */
    final void stop(Stop how) {
        Process running = running();
        Programs.run(List.of("kill", "-" + how.signal, String.valueOf(running.pid())));
        awaitEnd(running);
    }

    /** The process of the postmaster, which runs. */
    final Process running() {
        if (process == null || !process.isAlive()) {
            throw new IllegalStateException("Expected PostgreSQL on port " + port + " to run");
        }
        return process;
    }

    static void awaitEnd(Process process) {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new EmbeddedServerException(
                        "Expected process " + process.pid() + " to end within 60 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes the role {@code app}, which may replicate, and its database. */
    final void createApp() {
        execute(SUPERUSER, "CREATE ROLE app LOGIN REPLICATION PASSWORD '" + PASSWORD_OF_APP + "'");
        execute(SUPERUSER, "CREATE DATABASE app OWNER app");
    }

    /** Runs one or more statements in a database, as superuser. */
    final void execute(String database, String sql) {
        try (Connection connection = connect(database);
                Statement statement = connection.createStatement()) {
            var _ = statement.execute(sql);
        } catch (SQLException e) {
            throw new EmbeddedServerException(
                    "The embedded PostgreSQL refused a statement: " + e.getMessage(), e);
        }
    }

    /** A superuser's connection, for the caller to close. */
    final Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("password", SUPERUSER);
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
        for (Driver driver :
                ServiceLoader.load(Driver.class, EmbeddedPostgres.class.getClassLoader())) {
            if (driver.acceptsURL(url)) {
                return driver.connect(url, properties);
            }
        }
        throw new EmbeddedServerException(
                "Expected a JDBC driver for PostgreSQL on the class path, found none");
    }

    final int port() {
        return port;
    }

    final Path directory() {
        return directory.path();
    }

    final Path data() {
        return data;
    }

    /** The URL of the database {@code app}, as its owner. */
    final String appUrl() {
        return "postgresql://" + APP + ":" + PASSWORD_OF_APP + "@127.0.0.1:" + port + "/" + APP;
    }

    /** Ends it, if it runs, and deletes everything. */
    @Override
    public void close() {
        directory.close();
    }

    /**
     * The server writes its process id into the first line of its pid file and its state into the
     * last.
     */
    private boolean isReady(long pid) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(data.resolve("postmaster.pid"));
        } catch (NoSuchFileException e) {
            return false; // not written yet, or that of a killed one was just removed
        }
        return lines.size() >= 8
                && lines.getFirst().equals(String.valueOf(pid))
                && lines.get(7).startsWith("ready");
    }

    private String program(String name) {
        return binaries.resolve("bin").resolve(name).toString();
    }
}
