package dev.walmonitor.embedded;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A way to a server on which bytes are lost, late, cut up or changed as the test says. It listens
 * on a loopback port of its own; each direction has one fault at a time, which every connection
 * meets and which can be changed while connections are open. Thread-safe.
 *
 * <p>Offsets of faults count the bytes of one connection and direction from the moment at which the
 * fault was set, or from the connection's first byte if that is later. A fault with an offset
 * strikes once, on the connection that comes to it first; then all is passed on again.
 */
public final class FaultProxy implements AutoCloseable {

    /** Which way bytes go. */
    public enum Direction {
        TO_CLIENT,
        TO_SERVER
    }

    /** What happens to bytes on their way. */
    public sealed interface Fault {
        /** Nothing. */
        Fault PASS = new Pass();

        /** Bytes wait, sockets stay open, and that the sender closed is not told either. */
        Fault HOLD = new Hold();

        record Pass() implements Fault {}

        record Hold() implements Fault {}

        /** Both ends are closed when so many bytes have passed. Strikes once. */
        record CutAfter(long bytes) implements Fault {}

        /** Whatever is read at once goes on after this time. */
        record Delay(Duration time) implements Fault {}

        /** One byte a packet, with a pause after each. */
        record Trickle(Duration pause) implements Fault {}

        /** So many bytes at a time, or what there is when nothing more came for that long. */
        record Coalesce(int bytes, Duration quiet) implements Fault {}

        /** The bits of the mask are turned in one byte. Strikes once. */
        record Flip(long offset, int mask) implements Fault {}

        /** More bytes before the one at the offset. Strikes once. */
        record Insert(long offset, byte[] bytes) implements Fault {}

        /** Other bytes from the offset on. Strikes once. */
        record Replace(long offset, byte[] bytes) implements Fault {}

        /**
         * Wherever these characters (Latin-1) come in one read, as many others go on, until another
         * fault is set.
         */
        record Garble(String these, String others) implements Fault {
            public Garble {
                if (these.isEmpty() || these.length() != others.length()) {
                    throw new IllegalArgumentException("Expected as many others as there are");
                }
            }
        }

        /** A bit is turned in one of {@code every} bytes on average, the same for the same seed. */
        record FlipSome(long seed, int every) implements Fault {}

        static Fault insert(long offset, int... bytes) {
            return new Insert(offset, narrow(bytes));
        }

        static Fault replace(long offset, int... bytes) {
            return new Replace(offset, narrow(bytes));
        }

        private static byte[] narrow(int[] bytes) {
            byte[] narrow = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                narrow[i] = (byte) bytes[i];
            }
            return narrow;
        }
    }

    private final InetSocketAddress server;
    private final ServerSocket listener;
    private final List<FaultyLink> links = new CopyOnWriteArrayList<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger strikes = new AtomicInteger();
    private final AtomicLong toClient = new AtomicLong();
    private final AtomicLong toServer = new AtomicLong();
    private Fault clientwards = Fault.PASS;
    private Fault serverwards = Fault.PASS;
    private volatile boolean refusing;
    private volatile boolean streamsOnly;
    private boolean closed;

    private FaultProxy(InetSocketAddress server) {
        this.server = server;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new EmbeddedServerException("The fault proxy found no port to listen on", e);
        }
        var _ = Thread.ofVirtual().name("fault-proxy").start(this::accept);
    }

    /** A proxy before a server on this machine, which need not listen yet. */
    public static FaultProxy to(int port) {
        return new FaultProxy(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    public static FaultProxy to(PostgresServer server) {
        return to(server.portNumber());
    }

    /**
     * From now on only connections for replication meet faults and are counted in {@link #bytes};
     * other sessions of PostgreSQL by way of this proxy are left in peace.
     */
    @CanIgnoreReturnValue
    public FaultProxy streamsOnly() {
        streamsOnly = true;
        return this;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** The same URL, by way of this proxy. */
    public String through(String url) {
        return url.replaceFirst("@[^/]*:" + server.getPort(), "@127.0.0.1:" + port());
    }

    /** From now on this happens to what goes this way. */
    public synchronized void set(Direction direction, Fault fault) {
        switch (direction) {
            case TO_CLIENT -> clientwards = fault;
            case TO_SERVER -> serverwards = fault;
        }
        notifyAll();
    }

    /** From now on this happens both ways. */
    public synchronized void set(Fault fault) {
        set(Direction.TO_CLIENT, fault);
        set(Direction.TO_SERVER, fault);
    }

    /** What was held goes on, and new connections are taken again. */
    public void pass() {
        refusing = false;
        set(Fault.PASS);
    }

    /** No byte goes on any more, and nobody is told. */
    public void blackHole() {
        set(Fault.HOLD);
    }

    /** New connections are reset at once; {@link #pass} takes them again. */
    public void refuse() {
        refusing = true;
    }

    /** Closes all connections that are open. */
    public void cutAll() {
        links.forEach(FaultyLink::close);
    }

    /** How many bytes were passed on that way, over all connections that meet faults. */
    public long bytes(Direction direction) {
        return counter(direction).get();
    }

    /** How many connections came, those that were refused included. */
    public int connections() {
        return accepted.get();
    }

    /** How many connections are open. */
    public int open() {
        return links.size();
    }

    /** How often a fault with an offset has struck. */
    public int strikes() {
        return strikes.get();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        quietly(listener);
        cutAll();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                int number = accepted.incrementAndGet();
                if (refusing) {
                    client.setOption(StandardSocketOptions.SO_LINGER, 0);
                    client.close();
                } else {
                    link(client, number);
                }
            }
        } catch (IOException e) {
            // the listener was closed
        }
    }

    /** Known before it is connected, so that no connection escapes {@link #cutAll}. */
    private void link(Socket client, int number) {
        FaultyLink link = new FaultyLink(this, number, client, new Socket());
        links.add(link);
        if (isClosed()) {
            link.close();
        }
        link.begin(server);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private AtomicLong counter(Direction direction) {
        return switch (direction) {
            case TO_CLIENT -> toClient;
            case TO_SERVER -> toServer;
        };
    }

    void passed(Direction direction, FaultyLink link, int bytes) {
        if (meetsFaults(link)) {
            var _ = counter(direction).addAndGet(bytes);
        }
    }

    private boolean meetsFaults(FaultyLink link) {
        return !streamsOnly || link.isStream();
    }

    /** The fault of a direction; waits as long as bytes are held. */
    synchronized Fault fault(Direction direction, FaultyLink link) throws InterruptedException {
        if (!meetsFaults(link)) {
            return Fault.PASS;
        }
        while (!closed && current(direction) instanceof Fault.Hold) {
            wait();
        }
        return current(direction);
    }

    private Fault current(Direction direction) {
        return switch (direction) {
            case TO_CLIENT -> clientwards;
            case TO_SERVER -> serverwards;
        };
    }

    /** Whether the fault, which strikes once, is still there to strike; then it is over. */
    @SuppressWarnings("ReferenceEquality") // an equal one that was set later is another
    synchronized boolean strike(Direction direction, Fault fault) {
        if (current(direction) != fault) {
            return false;
        }
        set(direction, Fault.PASS);
        var _ = strikes.incrementAndGet();
        return true;
    }

    void ended(FaultyLink link) {
        links.remove(link);
    }

    static void quietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // it is closed, one way or the other
        }
    }
}
