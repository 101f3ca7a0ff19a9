package dev.walmonitor.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RedisServerTest {

    @Test
    void comes_back_empty_on_the_same_port_after_a_kill() throws IOException {
        try (RedisServer server = RedisServer.started()) {
            assertThat(ask(server, "SET k v")).isEqualTo("+OK");

            server.kill9();
            server.restart();

            assertThat(ask(server, "GET k")).isEqualTo("$-1");
        }
    }

    @Test
    void keeps_what_it_is_told_to_keep() throws IOException {
        try (RedisServer server =
                RedisServer.started("--appendonly", "yes", "--appendfsync", "always")) {
            assertThat(ask(server, "SET k v")).isEqualTo("+OK");

            server.kill9();
            server.restart();

            assertThat(ask(server, "STRLEN k")).isEqualTo(":1");
        }
    }

    @Test
    void answers_nothing_while_frozen() throws IOException {
        try (RedisServer server = RedisServer.started()) {
            server.freeze();

            assertThatThrownBy(() -> ask(server, "PING"))
                    .isInstanceOf(SocketTimeoutException.class);

            server.thaw();
            assertThat(ask(server, "PING")).isEqualTo("+PONG");
        }
    }

    @Test
    void leaves_no_process() {
        RedisServer server = RedisServer.started();
        ProcessHandle process = server.running().toHandle();

        server.close();

        assertThat(process.isAlive()).isFalse();
    }

    private static String ask(RedisServer server, String command) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.portNumber())) {
            socket.setSoTimeout(2000);
            socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
            StringBuilder answer = new StringBuilder();
            int next;
            while ((next = socket.getInputStream().read()) != '\r' && next >= 0) {
                answer.append((char) next);
            }
            return answer.toString();
        }
    }
}
