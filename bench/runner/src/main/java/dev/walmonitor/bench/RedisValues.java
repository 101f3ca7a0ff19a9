package dev.walmonitor.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Reads values of a Redis. Not thread-safe. */
final class RedisValues implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    private RedisValues(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    static RedisValues of(int port) throws IOException {
        return new RedisValues(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /**
     * A key's value.
     *
     * @param key without white space
     * @throws ConsumerFailed if there is none
     */
    String get(String key) throws IOException {
        socket.getOutputStream().write(("GET " + key + "\r\n").getBytes(StandardCharsets.UTF_8));
        String head = line();
        if (!head.startsWith("$") || head.startsWith("$-")) {
            throw new ConsumerFailed("has not cached " + key + ": Redis says " + head);
        }
        String value =
                new String(
                        in.readNBytes(Integer.parseInt(head.substring(1))), StandardCharsets.UTF_8);
        line();
        return value;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("Expected a line of Redis, got its end after " + line);
            }
            line.append((char) c);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
