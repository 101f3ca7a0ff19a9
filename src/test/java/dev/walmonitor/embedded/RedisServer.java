package dev.walmonitor.embedded;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A Redis of a test's own that can be stopped, killed, frozen and started again on the same port.
 */
public final class RedisServer extends EmbeddedRedis {

    private RedisServer(List<String> options) {
        super(Ports.ANY, options);
    }

    /**
     * A started server.
     *
     * @param options of redis-server, such as {@code "--appendonly", "yes"}; without any, nothing
     *     is kept on disk
     */
    public static RedisServer started(String... options) {
        RedisServer server = new RedisServer(List.of(options));
        server.start();
        return server;
    }

    /** Ends it in an orderly way. */
    public void shutdown() {
        stop();
    }

    /** Kills it with SIGKILL. */
    public void kill9() {
        Process running = running();
        var _ = running.destroyForcibly();
        EmbeddedPostgres.awaitEnd(running);
    }

    /** Starts it again on the same port, with what it kept on disk. */
    public void restart() {
        start();
    }

    /** Stops it from running: it keeps its connections and answers nothing until {@link #thaw}. */
    public void freeze() {
        Programs.run(List.of("kill", "-STOP", String.valueOf(running().pid())));
    }

    public void thaw() {
        Programs.run(List.of("kill", "-CONT", String.valueOf(running().pid())));
    }

    public String address() {
        return url();
    }

    public int portNumber() {
        return port();
    }

    public long pid() {
        return running().pid();
    }

    /** The text under a key; {@code nil} if there is none, or what the server says is wrong. */
    public String get(String key) {
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(5000);
            OutputStream out = socket.getOutputStream();
            out.write(
                    ("*2\r\n$3\r\nGET\r\n$" + name.length + "\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            out.write(name);
            out.write("\r\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            DataInputStream in =
                    new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            String head = line(in);
            if (!head.startsWith("$")) {
                return head;
            }
            int length = Integer.parseInt(head.substring(1));
            return length < 0 ? "nil" : new String(in.readNBytes(length), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            text.append((char) c);
        }
        int lineFeed = in.read();
        return lineFeed == '\n' ? text.toString() : "";
    }
}
