package dev.walmonitor.source.postgres.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A server for everything that a real one cannot be made to say: the nth connection plays the nth
 * script, written in the order in which things happen. {@link #close} fails if a script did.
 */
final class ScriptedServer implements AutoCloseable {

    /** Plays one connection; the socket is closed after it. */
    interface Script {
        void play(Session session) throws Exception;
    }

    private final ServerSocket listening;
    private final List<CompletableFuture<Void>> played = new ArrayList<>();

    private ScriptedServer(ServerSocket listening) {
        this.listening = listening;
    }

    static ScriptedServer playing(Script... scripts) {
        try {
            ScriptedServer server =
                    new ScriptedServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
            for (Script _ : scripts) {
                server.played.add(new CompletableFuture<>());
            }
            Thread _ = Thread.ofVirtual().start(() -> server.accept(scripts));
            return server;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept(Script... scripts) {
        for (int i = 0; i < scripts.length; i++) {
            CompletableFuture<Void> outcome = played.get(i);
            try (Session session = new Session(listening.accept())) {
                scripts[i].play(session);
                outcome.complete(null);
            } catch (Exception | AssertionError e) {
                outcome.completeExceptionally(e);
            }
        }
    }

    /** All scripts have been played; throws what one of them threw. */
    void awaitPlayed() {
        for (CompletableFuture<Void> outcome : played) {
            outcome.orTimeout(20, TimeUnit.SECONDS).join();
        }
    }

    @Override
    public void close() {
        try (listening) {
            awaitPlayed();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** One connection, seen from the server. */
    static final class Session implements AutoCloseable {
        private final Socket plain;
        private Socket socket;
        private DataInputStream in;

        Session(Socket accepted) throws IOException {
            plain = accepted;
            plain.setTcpNoDelay(true);
            plain.setSoTimeout(15_000);
            socket = plain;
            in = new DataInputStream(plain.getInputStream());
        }

        /** Expects SSLRequest. */
        void expectSslRequest() throws IOException {
            assertThat(in.readInt()).isEqualTo(8);
            assertThat(in.readInt()).isEqualTo(80_877_103);
        }

        /** Expects StartupMessage 3.0 and gives its parameters. */
        Map<String, String> expectStartup() throws IOException {
            byte[] body = new byte[in.readInt() - 8];
            assertThat(in.readInt()).isEqualTo(196_608);
            in.readFully(body);
            List<String> words = List.of(new String(body, StandardCharsets.UTF_8).split("\0", -1));
            Map<String, String> parameters = new LinkedHashMap<>();
            for (int i = 0; i + 2 < words.size(); i += 2) {
                parameters.put(words.get(i), words.get(i + 1));
            }
            return parameters;
        }

        /** Expects a message of a type and gives its body. */
        byte[] expect(char type) throws IOException {
            assertThat((char) in.readUnsignedByte()).isEqualTo(type);
            byte[] body = new byte[in.readInt() - 4];
            in.readFully(body);
            return body;
        }

        void expectQuery(String sql) throws IOException {
            assertThat(new String(expect('Q'), StandardCharsets.UTF_8)).isEqualTo(sql + "\0");
        }

        void expectTerminate() throws IOException {
            assertThat(expect('X')).isEmpty();
            expectEnd();
        }

        /** The other side has nothing to say for now. */
        void expectNothing() throws IOException, InterruptedException {
            Thread.sleep(50);
            assertThat(in.available()).isZero();
        }

        /** Reads whatever comes until the other side closes. */
        void drain() throws IOException {
            try {
                in.skipNBytes(Long.MAX_VALUE);
            } catch (EOFException | SocketException end) {
                assertThat(end).isNotNull();
            }
        }

        /** The other side closes, in whichever way. */
        void expectEnd() throws IOException {
            try {
                assertThat(in.read()).isEqualTo(-1);
            } catch (SocketException reset) {
                assertThat(reset).hasMessageContaining("reset");
            }
        }

        /** Starts a session without authentication, up to ready. */
        void greet() throws IOException {
            var _ = expectStartup();
            send(Backend.greeting());
        }

        /** In one write. */
        void send(byte[]... messages) throws IOException {
            socket.getOutputStream().write(Backend.concat(messages));
            socket.getOutputStream().flush();
        }

        /** One byte a write. */
        void trickle(byte[]... messages) throws IOException {
            for (byte b : Backend.concat(messages)) {
                socket.getOutputStream().write(b);
                socket.getOutputStream().flush();
            }
        }

        /** One byte every few milliseconds, again and again, until the other side closes. */
        void trickleUntilEnd(byte[] message) throws IOException, InterruptedException {
            try {
                while (true) {
                    for (byte b : message) {
                        socket.getOutputStream().write(b);
                        socket.getOutputStream().flush();
                        Thread.sleep(5);
                    }
                }
            } catch (SocketException end) {
                assertThat(end).isNotNull();
            }
        }

        /** Goes on in TLS, as the server's side of the handshake. */
        void startTls(SSLContext context) throws IOException {
            startTls(context, false);
        }

        void startTls(SSLContext context, boolean wantsCertificate) throws IOException {
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(plain, null, false);
            tls.setUseClientMode(false);
            tls.setNeedClientAuth(wantsCertificate);
            tls.startHandshake();
            socket = tls;
            in = new DataInputStream(tls.getInputStream());
        }

        /** Ends the connection with RST instead of FIN. */
        void reset() throws IOException {
            plain.setSoLinger(true, 0);
            plain.close();
        }

        @Override
        public void close() throws IOException {
            socket.close();
            plain.close();
        }
    }

    /** For scripts that need a value from the test. */
    static <T> T await(CompletableFuture<T> value) throws Exception {
        @Nullable T got = value.get(15, TimeUnit.SECONDS);
        if (got == null) {
            throw new AssertionError("no value");
        }
        return got;
    }
}
