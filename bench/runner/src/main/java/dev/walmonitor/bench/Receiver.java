package dev.walmonitor.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * An HTTP server that does no more than it must, so that what sends to it is what is measured: it
 * takes requests with a length over connections that stay, and answers 204 to each. On loopback, on
 * any free port; a virtual thread a connection.
 */
final class Receiver implements AutoCloseable {
    private static final byte[] DONE =
            "HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final String LENGTH = "\r\ncontent-length: ";
    private static final int LARGEST = 1 << 16;

    /** Who is given the requests; called by many threads. */
    @FunctionalInterface
    interface Listener {
        void received(String body);
    }

    private final ServerSocket server;
    private final Listener listener;

    private Receiver(ServerSocket server, Listener listener) {
        this.server = server;
        this.listener = listener;
        Thread.ofVirtual().start(this::accept);
    }

    static Receiver started(Listener listener) throws IOException {
        return new Receiver(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), listener);
    }

    /** Where requests go. */
    String url() {
        return "http://127.0.0.1:" + server.getLocalPort() + "/in";
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            byte[] read = new byte[LARGEST];
            int filled = 0;
            for (int some = in.read(read);
                    some > 0;
                    some = in.read(read, filled, LARGEST - filled)) {
                filled += some;
                int length = request(read, filled);
                if (length > 0) {
                    out.write(DONE);
                    System.arraycopy(read, length, read, 0, filled - length);
                    filled -= length;
                }
            }
        } catch (IOException e) {
            // the other side has gone
        }
    }

    /**
     * Takes the request at the beginning. No sender begins another one before the answer.
     *
     * @return its length; 0 if it is not there yet
     */
    private int request(byte[] read, int filled) {
        String text = new String(read, 0, filled, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return 0;
        }
        String head = text.substring(0, end + 2).toLowerCase(Locale.ROOT);
        int at = head.indexOf(LENGTH) + LENGTH.length();
        int body = end + 4;
        int length = body + Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
        if (length > filled) {
            return 0;
        }
        listener.received(
                new String(Arrays.copyOfRange(read, body, length), StandardCharsets.UTF_8));
        return length;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
