package dev.walmonitor.monitor;

import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.DatabaseException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;

/**
 * Why the monitor database does not do what it is asked, for a person. No secret.
 *
 * @param remedy what mends it; null if nothing but waiting is needed
 * @param waitingHelps whether it may go on by itself: the server is down, starting, full or
 *     read-only
 */
public record DatabaseFault(String sentence, @Nullable String remedy, boolean waitingHelps) {

    /** Sentence and remedy in one line. */
    public String message() {
        return remedy == null ? sentence : sentence + " " + remedy;
    }

    /** Whether a failure is the database's, or of the way to it, and not a fault of our own. */
    static boolean isOne(Throwable failure) {
        return causes(failure)
                .anyMatch(t ->
                        t instanceof SQLException
                                || t instanceof VertxException
                                || t instanceof IOException
                                || isTimeout(t));
    }

    static DatabaseFault of(Throwable failure, DatabaseAddress at) {
        String state = sqlState(failure);
        return switch (state) {
            case "28P01", "28000" ->
                    impossible(
                            "The monitor database at "
                                    + at
                                    + " does not let the user \""
                                    + at.user()
                                    + "\" in: "
                                    + text(failure)
                                    + ".",
                            "Correct user and password in MONITOR_DATABASE_URL (DATABASE_URL if that is not set).");
            case "3D000" ->
                    impossible(
                            "The server "
                                    + at.server()
                                    + " has no database \""
                                    + at.database()
                                    + "\" for the monitor's tables.",
                            "Create it with: CREATE DATABASE "
                                    + quoted(at.database())
                                    + "; or correct MONITOR_DATABASE_URL (DATABASE_URL if that is not set).");
            case "42501" ->
                    impossible(
                            "The user \""
                                    + at.user()
                                    + "\" lacks a right in the monitor database at "
                                    + at
                                    + ": "
                                    + text(failure)
                                    + ".",
                            "Let the database's owner run: GRANT CREATE ON DATABASE "
                                    + quoted(at.database())
                                    + " TO "
                                    + quoted(at.user())
                                    + "; and, if the schema is there already: ALTER SCHEMA wal_monitor OWNER TO "
                                    + quoted(at.user())
                                    + ";");
            case "3F000", "42P01" ->
                    impossible(
                            "The monitor database at "
                                    + at
                                    + " lacks our tables: "
                                    + text(failure)
                                    + ".",
                            "They are made when the service starts: restart it.");
            case "25006" ->
                    new DatabaseFault(
                            "The monitor database at "
                                    + at
                                    + " is read-only, perhaps a standby: "
                                    + text(failure)
                                    + ".",
                            "Let MONITOR_DATABASE_URL point to a primary.",
                            true);
            case "" -> isOne(failure) ? away(at, text(failure)) : ours(failure, at);
            default ->
                    isOfTheMoment(state)
                            ? away(at, text(failure))
                            : impossible(
                                    "The monitor database at "
                                            + at
                                            + " refused: "
                                            + text(failure)
                                            + " (SQLSTATE "
                                            + state
                                            + ").",
                                    null);
        };
    }

    private static DatabaseFault away(DatabaseAddress at, String why) {
        return new DatabaseFault(
                "The monitor database at " + at + " cannot be reached: " + why + ".", null, true);
    }

    private static DatabaseFault ours(Throwable failure, DatabaseAddress at) {
        return failure instanceof FlywayValidateException
                ? impossible(
                        "The tables of schema wal_monitor at "
                                + at
                                + " were made by another build than this one.",
                        "Start the build that made them, or point MONITOR_DATABASE_URL to another database.")
                : impossible(
                        "The tables of schema wal_monitor at "
                                + at
                                + " cannot be made: "
                                + text(failure)
                                + ".",
                        null);
    }

    private static DatabaseFault impossible(String sentence, @Nullable String remedy) {
        return new DatabaseFault(sentence, remedy, false);
    }

    /** Connection, resources, shutdown, and locks held by others. */
    private static boolean isOfTheMoment(String state) {
        return Stream.of("08", "53", "57", "58", "40", "55P03").anyMatch(state::startsWith);
    }

    private static String sqlState(Throwable failure) {
        return causes(failure)
                .map(t ->
                        switch (t) {
                            case SQLException e -> e.getSQLState();
                            case DatabaseException e -> e.getSqlState();
                            default -> null;
                        })
                .filter(state -> state != null && !state.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** The innermost reason in a few words. */
    private static String text(Throwable failure) {
        Throwable last = causes(failure).reduce(failure, (outer, inner) -> inner);
        return switch (last) {
            case UnknownHostException e -> "its name cannot be resolved";
            case ConnectException e -> "the connection was refused or timed out";
            case ClosedConnectionException e -> "the connection was lost";
            case PgException e -> words(e.getErrorMessage());
            default -> isTimeout(last) ? "it did not answer in time" : words(last.getMessage());
        };
    }

    private static boolean isTimeout(Throwable t) {
        return t instanceof TimeoutException || t instanceof io.smallrye.mutiny.TimeoutException;
    }

    /** The first line, without what the drivers put around it. */
    private static String words(@Nullable String message) {
        String line = message == null ? "" : message.strip().lines().findFirst().orElse("");
        return line.isEmpty()
                ? "no reason given"
                : line.replaceFirst("^(FATAL|ERROR): ", "")
                        .replaceFirst(" \\([0-9A-Z]{5}\\)$", "")
                        .replaceFirst("\\.$", "");
    }

    private static String quoted(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.<@Nullable Throwable>iterate(
                        failure, t -> t != null, t -> t == null ? null : t.getCause())
                .limit(20)
                .map(Objects::requireNonNull);
    }
}
