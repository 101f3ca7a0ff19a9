package dev.walmonitor.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("redis")
class RedisServerTest {

    @Test
    void isOfTheVersionThatIsAskedFor() {
        String other = System.getProperty("redis.binary", "");

        String info = SharedServers.redis().ask("INFO", "server");

        assertThat(info.lines().filter(line -> line.startsWith("redis_version:")))
                .singleElement()
                .asString()
                .matches(version -> other.isBlank() == version.startsWith("redis_version:6.2."));
    }

    @Test
    void comesBackWithoutWhatItKept() {
        try (RedisServer server =
                RedisServer.started("--appendonly", "yes", "--appendfsync", "always")) {
            server.ask("SET", "k", "v");

            server.kill9();
            server.restartEmpty();

            assertThat(server.get("k")).isEqualTo("nil");
        }
    }

    @Test
    void keepsWhatWasSaved() {
        try (RedisServer server = RedisServer.started("--save", "3600 1")) {
            server.ask("SET", "k", "v");
            server.ask("SAVE");
            server.ask("SET", "k", "later");

            server.kill9();
            server.restart();

            assertThat(server.get("k")).isEqualTo("v");
        }
    }

    @Test
    void asksForItsPassword() throws IOException {
        try (RedisServer server = RedisServer.started("--requirepass", "sesame")) {
            assertThat(ask(server, "GET k")).isEqualTo("-NOAUTH Authentication required.");
            assertThat(server.get("k")).isEqualTo("nil");
            assertThat(server.address())
                    .isEqualTo("redis://:sesame@127.0.0.1:" + server.portNumber());
        }
    }

    @Test
    void refusesWritesWhenItsMemoryIsFull() {
        try (RedisServer server = RedisServer.started("--maxmemory", "4mb")) {
            String large = "x".repeat(100_000);
            List<String> answers =
                    IntStream.range(0, 100)
                            .mapToObj(i -> server.ask("SET", "k" + i, large))
                            .toList();

            assertThat(answers.getFirst()).isEqualTo("OK");
            assertThat(answers.getLast())
                    .startsWith("-OOM command not allowed when used memory > 'maxmemory'");
        }
    }

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
