package dev.walmonitor.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Notes when Redis carries out the writes of cached rows, by the clock of Redis. */
final class RedisMonitor implements AutoCloseable {
    private static final Pattern WRITE =
            Pattern.compile("^\\+(\\d+)\\.(\\d{6}) \\[\\d+ lua] \"SET\" \"lat:(\\d+)\" .*");

    private final Socket socket;
    private final Map<Long, Long> written = new ConcurrentHashMap<>();

    private RedisMonitor(Socket socket) {
        this.socket = socket;
        Thread.ofPlatform().daemon().start(this::read);
    }

    static RedisMonitor of(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.getOutputStream().write("MONITOR\r\n".getBytes(StandardCharsets.US_ASCII));
        return new RedisMonitor(socket);
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher write = WRITE.matcher(line);
                if (write.matches()) {
                    long micros = Long.parseLong(write.group(1) + write.group(2));
                    written.putIfAbsent(Long.valueOf(write.group(3)), micros);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // closed
        }
    }

    /** By a row's id, when it was written first: microseconds of the Unix epoch. */
    Map<Long, Long> written() {
        return written;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
