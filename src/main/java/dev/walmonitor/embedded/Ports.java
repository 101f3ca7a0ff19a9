package dev.walmonitor.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntPredicate;

/**
 * Free ports on the loopback address, below the range from which systems take the ports of outgoing
 * connections: from there a client that reconnects to a dead server can connect to itself.
 */
final class Ports {
    /** Whichever is free. */
    static final int ANY = 0;

    private static final int LOWEST = 20_000;
    private static final int HIGHEST = 32_000;

    /** How far above its own port the nodes of a Redis Cluster talk to each other. */
    private static final int BUS = 10_000;

    private Ports() {}

    /** The wanted port if it is free, else any other. */
    static int free(int wanted) {
        if (wanted != ANY && isFree(wanted)) {
            return wanted;
        }
        return find(HIGHEST, Ports::isFree);
    }

    /** One for a node of a Redis Cluster, whose second port is free too and as low. */
    static int freeWithBus() {
        return find(HIGHEST + 700 - BUS, port -> isFree(port) && isFree(port + BUS));
    }

    private static int find(int highest, IntPredicate isGood) {
        for (int attempt = 0; attempt < 1000; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, highest);
            if (isGood.test(port)) {
                return port;
            }
        }
        throw new EmbeddedServerException(
                "Expected a free port from " + LOWEST + " to " + highest + ", found none");
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
