package dev.walmonitor.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DatabaseFaultTest {
    private static final DatabaseAddress ADDRESS =
            DatabaseAddress.of("postgresql://db:5432/app?sslmode=disable&password=secret", "shop");

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(
                        new ConnectException("Connection refused: db/10.0.0.7:5432"),
                        "The monitor database at db:5432/app cannot be reached: the connection was refused or timed out.",
                        true),
                Arguments.of(
                        new SQLException(
                                "The connection attempt failed.",
                                "08001",
                                new UnknownHostException("db")),
                        "The monitor database at db:5432/app cannot be reached: its name cannot be resolved.",
                        true),
                Arguments.of(
                        new SQLException("FATAL: the database system is starting up", "57P03"),
                        "The monitor database at db:5432/app cannot be reached: the database system is starting up.",
                        true),
                Arguments.of(
                        ClosedConnectionException.INSTANCE,
                        "The monitor database at db:5432/app cannot be reached: the connection was lost.",
                        true),
                Arguments.of(
                        new io.smallrye.mutiny.TimeoutException(),
                        "The monitor database at db:5432/app cannot be reached: it did not answer in time.",
                        true),
                Arguments.of(
                        pg("password authentication failed for user \"shop\"", "28P01"),
                        "The monitor database at db:5432/app does not let the user \"shop\" in: password authentication"
                                + " failed for user \"shop\". Correct user and password in MONITOR_DATABASE_URL"
                                + " (DATABASE_URL if that is not set).",
                        false),
                Arguments.of(
                        pg("database \"app\" does not exist", "3D000"),
                        "The server db:5432 has no database \"app\" for the monitor's tables. Create it with: CREATE DATABASE"
                                + " \"app\"; or correct MONITOR_DATABASE_URL (DATABASE_URL if that is not set).",
                        false),
                Arguments.of(
                        pg("permission denied for database app", "42501"),
                        "The user \"shop\" lacks a right in the monitor database at db:5432/app: permission denied for"
                                + " database app. Let the database's owner run: GRANT CREATE ON DATABASE \"app\" TO \"shop\";"
                                + " and, if the schema is there already: ALTER SCHEMA wal_monitor OWNER TO \"shop\";",
                        false),
                Arguments.of(
                        pg("relation \"wal_monitor.sources\" does not exist", "42P01"),
                        "The monitor database at db:5432/app lacks our tables: relation \"wal_monitor.sources\" does not"
                                + " exist. They are made when the service starts: restart it.",
                        false),
                Arguments.of(
                        pg("cannot execute INSERT in a read-only transaction", "25006"),
                        "The monitor database at db:5432/app is read-only, perhaps a standby: cannot execute INSERT in a"
                                + " read-only transaction. Let MONITOR_DATABASE_URL point to a primary.",
                        true),
                Arguments.of(
                        pg("syntax error at or near \"X\"", "42601"),
                        "The monitor database at db:5432/app refused: syntax error at or near \"X\" (SQLSTATE 42601).",
                        false));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void eachFailureIsOneSentenceWithItsRemedy(
            Throwable failure, String message, boolean waitingHelps) {
        DatabaseFault fault =
                DatabaseFault.of(new IllegalStateException("outer", failure), ADDRESS);

        assertThat(fault.message()).isEqualTo(message).doesNotContain("secret");
        assertThat(fault.waitingHelps()).isEqualTo(waitingHelps);
    }

    @Test
    void ourOwnFaultsAreNotTheDatabases() {
        assertThat(DatabaseFault.isOne(new IllegalStateException("a bug"))).isFalse();
        assertThat(DatabaseFault.isOne(new IllegalStateException(new ConnectException()))).isTrue();
    }

    @Test
    void anAddressShowsNeitherPasswordNorParameters() {
        assertThat(
                        DatabaseAddress.of(
                                "jdbc:postgresql://joe:secret@db:5432/app?password=secret", "joe"))
                .hasToString("db:5432/app");
        assertThat(DatabaseAddress.of("vertx-reactive:postgresql://[::1]:5432/my%20app", "joe"))
                .hasToString("[::1]:5432/my app");
        assertThat(DatabaseAddress.of("secret", "joe")).hasToString("an unknown place");
    }

    private static PgException pg(String message, String sqlState) {
        return new PgException(message, "ERROR", sqlState, null);
    }
}
