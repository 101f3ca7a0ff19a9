package dev.walmonitor.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports on the loopback address, below the range from which systems take the ports of outgoing
 * connections: from there a client that reconnects to a dead server can connect to itself.
 */
final class Ports {
    /** Whichever is free. */
    static final int ANY = 0;

    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;

    private Ports() {}

    /** The wanted port if it is free, else any other. */
    static int free(int wanted) {
        if (wanted != ANY && isFree(wanted)) {
            return wanted;
        }
        for (int attempt = 0; attempt < 1000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new EmbeddedServerException(
                "Expected a free port from " + LOWEST + " to " + HIGHEST + ", found none");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
