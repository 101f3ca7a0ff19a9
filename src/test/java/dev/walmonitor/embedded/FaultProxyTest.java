package dev.walmonitor.embedded;

import static dev.walmonitor.embedded.FaultProxy.Direction.TO_CLIENT;
import static dev.walmonitor.embedded.FaultProxy.Direction.TO_SERVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.walmonitor.embedded.FaultProxy.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each fault does what it says. The test is both client and server. */
class FaultProxyTest {
    private ServerSocket listener;
    private FaultProxy proxy;
    private Socket client;
    private Socket server;

    @BeforeEach
    void connect() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        proxy = FaultProxy.to(listener.getLocalPort());
        client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        server = listener.accept();
        client.setSoTimeout(5000);
        server.setSoTimeout(5000);
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        client.close();
        server.close();
        listener.close();
    }

    private static void send(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String read(Socket from, int bytes) throws IOException {
        return new String(from.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }

    private static String readAll(Socket from) throws IOException {
        return new String(from.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void passes_both_ways_counts_and_tells_the_end() throws IOException {
        send(client, "question");
        assertThat(read(server, 8)).isEqualTo("question");
        send(server, "yes");
        server.shutdownOutput();
        assertThat(readAll(client)).isEqualTo("yes");
        send(client, "bye");
        client.shutdownOutput();
        assertThat(readAll(server)).isEqualTo("bye");

        await().until(() -> proxy.open() == 0);
        assertThat(proxy.connections()).isEqualTo(1);
        assertThat(proxy.bytes(TO_SERVER)).isEqualTo(11);
        assertThat(proxy.bytes(TO_CLIENT)).isEqualTo(3);
    }

    @Test
    void cuts_after_so_many_bytes_from_now_on_and_only_once() throws IOException {
        send(server, "12");
        assertThat(read(client, 2)).isEqualTo("12");
        proxy.set(TO_CLIENT, new Fault.CutAfter(3));
        send(server, "34567");

        assertThat(readAll(client)).isEqualTo("345");
        assertThat(proxy.strikes()).isEqualTo(1);
        try (Socket again = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
                Socket there = listener.accept()) {
            send(there, "34567");
            assertThat(read(again, 5)).isEqualTo("34567");
        }
    }

    @Test
    void cuts_what_the_client_sends() throws IOException {
        proxy.set(TO_SERVER, new Fault.CutAfter(0));
        send(client, "x");

        assertThat(readAll(server)).isEmpty();
        assertThat(readAll(client)).isEmpty();
    }

    @Test
    void a_black_hole_swallows_bytes_and_ends_until_it_is_gone() throws IOException {
        proxy.blackHole();
        send(client, "x");
        send(server, "y");
        server.shutdownOutput();
        client.setSoTimeout(100);
        server.setSoTimeout(100);

        assertThatThrownBy(() -> read(server, 1)).isInstanceOf(SocketTimeoutException.class);
        assertThatThrownBy(() -> read(client, 1)).isInstanceOf(SocketTimeoutException.class);
        assertThat(proxy.open()).isEqualTo(1);

        proxy.pass();
        client.setSoTimeout(5000);
        server.setSoTimeout(5000);
        assertThat(read(server, 1)).isEqualTo("x");
        assertThat(readAll(client)).isEqualTo("y");
    }

    @Test
    void holds_one_direction_only() throws IOException {
        proxy.set(TO_CLIENT, Fault.HOLD);
        send(server, "y");
        send(client, "x");

        assertThat(read(server, 1)).isEqualTo("x");
        client.setSoTimeout(100);
        assertThatThrownBy(() -> read(client, 1)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void delays() throws IOException {
        proxy.set(TO_CLIENT, new Fault.Delay(Duration.ofMillis(200)));
        long sent = System.nanoTime();
        send(server, "y");

        assertThat(read(client, 1)).isEqualTo("y");
        assertThat(Duration.ofNanos(System.nanoTime() - sent))
                .isGreaterThan(Duration.ofMillis(199));
    }

    @Test
    void trickles_a_byte_at_a_time() throws IOException {
        proxy.set(TO_CLIENT, new Fault.Trickle(Duration.ofMillis(20)));
        send(server, "abc");
        byte[] bytes = new byte[10];

        assertThat(client.getInputStream().read(bytes)).isEqualTo(1);
        assertThat(client.getInputStream().read(bytes)).isEqualTo(1);
        assertThat(client.getInputStream().read(bytes)).isEqualTo(1);
    }

    @Test
    void collects_bursts() throws IOException, InterruptedException {
        proxy.set(TO_CLIENT, new Fault.Coalesce(8, Duration.ofSeconds(2)));
        byte[] bytes = new byte[100];
        for (int i = 0; i < 8; i++) {
            send(server, "a");
            Thread.sleep(5);
        }
        assertThat(client.getInputStream().read(bytes)).isEqualTo(8);

        proxy.set(TO_CLIENT, new Fault.Coalesce(8, Duration.ofMillis(50)));
        send(server, "b");
        assertThat(client.getInputStream().read(bytes)).isEqualTo(1);
    }

    @Test
    void garbles_what_it_knows_wherever_it_comes() throws IOException {
        proxy.set(TO_CLIENT, new Fault.Garble("bad", "BAD"));
        send(server, "not bad, bad");
        assertThat(read(client, 12)).isEqualTo("not BAD, BAD");
        proxy.pass();
        send(server, "bad");
        assertThat(read(client, 3)).isEqualTo("bad");
    }

    @Test
    void flips_inserts_and_replaces_at_an_offset() throws IOException {
        proxy.set(TO_CLIENT, new Fault.Flip(2, 0x20));
        send(server, "abcd");
        assertThat(read(client, 4)).isEqualTo("abCd");

        proxy.set(TO_CLIENT, Fault.insert(1, 'X', 'Y'));
        send(server, "abcd");
        assertThat(read(client, 6)).isEqualTo("aXYbcd");

        proxy.set(TO_CLIENT, Fault.replace(1, 'X', 'Y'));
        send(server, "ab");
        assertThat(read(client, 2)).isEqualTo("aX");
        send(server, "cd");
        assertThat(read(client, 2)).isEqualTo("Yd");

        send(server, "abcd");
        assertThat(read(client, 4)).isEqualTo("abcd");
        assertThat(proxy.strikes()).isEqualTo(3);
    }

    @Test
    void flips_the_same_bits_for_the_same_seed() throws IOException {
        String text = "a".repeat(1000);
        proxy.set(TO_SERVER, new Fault.FlipSome(7, 100));
        send(client, text);
        String first = read(server, 1000);
        proxy.set(TO_SERVER, new Fault.FlipSome(7, 100));
        send(client, text);

        assertThat(first).isNotEqualTo(text);
        assertThat(read(server, 1000)).isEqualTo(first);
    }

    @Test
    void leaves_sessions_in_peace_that_are_no_streams() throws IOException {
        proxy.streamsOnly();
        proxy.set(TO_CLIENT, new Fault.CutAfter(0));
        send(client, "user\0app\0");
        assertThat(read(server, 9)).isEqualTo("user\0app\0");
        send(server, "ready");
        assertThat(read(client, 5)).isEqualTo("ready");

        try (Socket stream = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
                Socket there = listener.accept()) {
            send(stream, "user\0app\0replication\0database\0");
            assertThat(read(there, 30)).endsWith("\0database\0");
            send(there, "ready");
            assertThat(readAll(stream)).isEmpty();
        }
        assertThat(proxy.strikes()).isEqualTo(1);
        assertThat(proxy.bytes(TO_SERVER)).isEqualTo(30);
    }

    @Test
    void refuses_new_connections_and_leaves_the_open_ones() throws IOException {
        proxy.refuse();
        try (Socket refused = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            refused.setSoTimeout(5000);
            assertThatThrownBy(() -> read(refused, 1)).isInstanceOf(SocketException.class);
        }
        send(client, "x");
        assertThat(read(server, 1)).isEqualTo("x");
        assertThat(proxy.connections()).isEqualTo(2);

        proxy.pass();
        try (Socket taken = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
                Socket there = listener.accept()) {
            send(taken, "x");
            assertThat(read(there, 1)).isEqualTo("x");
        }
    }

    @Test
    void cuts_all_connections_now() throws IOException {
        proxy.cutAll();

        assertThat(readAll(client)).isEmpty();
        assertThat(readAll(server)).isEmpty();
        assertThat(proxy.open()).isZero();
    }

    @Test
    void gives_the_url_by_way_of_itself() {
        assertThat(
                        proxy.through(
                                "postgresql://app:a%40b@127.0.0.1:"
                                        + listener.getLocalPort()
                                        + "/app?x=y"))
                .isEqualTo("postgresql://app:a%40b@127.0.0.1:" + proxy.port() + "/app?x=y");
    }
}
