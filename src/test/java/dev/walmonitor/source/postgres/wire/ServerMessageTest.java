package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.walmonitor.source.postgres.wire.WireException.ServerError;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerMessageTest {

    private static ServerMessage fatal(String code, String message) {
        return ServerMessage.of(Map.of('V', "FATAL", 'C', code, 'M', message));
    }

    @Test
    void aTextIsCutAndLosesWhatCouldForgeALogLine() {
        ServerMessage message =
                fatal("XX000", "one\r\ntwo\u001b[31m\u202ethree\u2028four" + "x".repeat(2000));
        assertThat(message.message())
                .startsWith("one  two [31m three four")
                .hasSize(ServerMessage.MAX_TEXT + 1)
                .endsWith("x…");
    }

    @Test
    void aMessageWithoutItsFieldsIsAnInternalError() {
        assertThat(ServerMessage.of(Map.of())).hasToString("ERROR: (no message) (SQLSTATE XX000)");
        assertThat(ServerMessage.of(Map.of('S', "FATAL")).isFatal()).isTrue();
        assertThat(ServerMessage.of(Map.of('S', "FATAL", 'V', "PANIC")).isFatal()).isTrue();
        assertThat(ServerMessage.of(Map.of('S', "WARNUNG", 'V', "WARNING")).isFatal()).isFalse();
    }

    @Test
    void whatMayHoldRowValuesIsNotInTheText() {
        ServerMessage message =
                ServerMessage.of(
                        Map.of(
                                'V',
                                "ERROR",
                                'C',
                                "23505",
                                'M',
                                "duplicate key",
                                'D',
                                "Key (email)=(canary) already exists.",
                                'W',
                                "COPY t: canary"));
        assertThat(message.toString()).doesNotContain("canary");
        assertThat(new ServerError(message).getMessage()).doesNotContain("canary");
    }

    @Test
    void f11_aMissingLineInPgHbaIsExplained() {
        assertThat(
                        new ServerError(
                                fatal(
                                        "28000",
                                        "no pg_hba.conf entry for host \"10.0.0.7\", user \"app\","
                                                + " database \"shop\", no encryption")))
                .hasMessage(
                        "The server said: FATAL: no pg_hba.conf entry for host \"10.0.0.7\", user"
                                + " \"app\", database \"shop\", no encryption (SQLSTATE 28000). A"
                                + " logical replication connection is matched by its database, never"
                                + " by the word \"replication\": pg_hba.conf needs a line such as"
                                + " \"hostssl <database> <user> <address> scram-sha-256\".");
    }

    @Test
    void f17_aPoolerInTheWayIsExplained() {
        assertThat(new ServerError(fatal("08P01", "unsupported startup parameter: replication")))
                .hasMessage(
                        "The server said: FATAL: unsupported startup parameter: replication"
                                + " (SQLSTATE 08P01). That is what a connection pooler answers;"
                                + " connect to the PostgreSQL server itself, not to the pooler.");
    }

    @Test
    void otherErrorsAreSaidAsTheyCame() {
        assertThat(
                        new ServerError(
                                fatal("28P01", "password authentication failed for user \"app\"")))
                .hasMessage(
                        "The server said: FATAL: password authentication failed for user \"app\""
                                + " (SQLSTATE 28P01).");
        assertThat(new ServerError(fatal("28000", "role \"app\" is not permitted to log in")))
                .hasMessage(
                        "The server said: FATAL: role \"app\" is not permitted to log in (SQLSTATE"
                                + " 28000).");
    }
}
