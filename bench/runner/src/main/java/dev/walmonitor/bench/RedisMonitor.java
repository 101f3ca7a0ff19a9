package dev.walmonitor.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells when Redis carries out the writes of cached values, by the clock of Redis. */
final class RedisMonitor implements AutoCloseable {

    /** Who is told, on a thread of the monitor's own. */
    @FunctionalInterface
    interface Listener {

        /**
         * A value was written.
         *
         * @param micros when, in microseconds of the Unix epoch
         * @param key without the prefix
         * @param value as Redis shows it, quoted
         */
        void written(long micros, String key, String value);
    }

    private final Socket socket;
    private final Pattern write;
    private final Listener listener;

    private RedisMonitor(Socket socket, String prefix, Listener listener) {
        this.socket = socket;
        this.write =
                Pattern.compile(
                        "^\\+(\\d+)\\.(\\d{6}) \\[\\d+ lua] \"SET\" \""
                                + Pattern.quote(prefix)
                                + "([^\"]*)\" (.*)");
        this.listener = listener;
        Thread.ofPlatform().daemon().start(this::read);
    }

    /** Listens to the keys that begin with the prefix. */
    static RedisMonitor of(int port, String prefix, Listener listener) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.getOutputStream().write("MONITOR\r\n".getBytes(StandardCharsets.US_ASCII));
        return new RedisMonitor(socket, prefix, listener);
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher found = write.matcher(line);
                if (found.matches()) {
                    long micros = Long.parseLong(found.group(1) + found.group(2));
                    listener.written(micros, found.group(3), found.group(4));
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // closed
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
