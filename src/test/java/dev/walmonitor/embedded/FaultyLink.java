package dev.walmonitor.embedded;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.walmonitor.embedded.FaultProxy.Direction;
import dev.walmonitor.embedded.FaultProxy.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** One connection by way of a {@link FaultProxy}: a pump on a thread of its own each way. */
final class FaultyLink implements AutoCloseable {
    private static final int READ = 64 << 10;

    private final FaultProxy proxy;
    private final int number;
    private final Socket client;
    private final Socket server;
    private final AtomicInteger pumping = new AtomicInteger(2);
    private volatile boolean stream;

    /**
     * @param server not connected yet
     */
    FaultyLink(FaultProxy proxy, int number, Socket client, Socket server) {
        this.proxy = proxy;
        this.number = number;
        this.client = client;
        this.server = server;
    }

    /** Connects to the server; one that is not there is an end to the client too. */
    void begin(SocketAddress address) {
        try {
            server.connect(address);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        } catch (IOException e) {
            close();
            return;
        }
        String name = "fault-proxy-" + number;
        var _ = Thread.ofVirtual().name(name).start(new Pump(Direction.TO_SERVER, client, server));
        var _ = Thread.ofVirtual().name(name).start(new Pump(Direction.TO_CLIENT, server, client));
    }

    /** Whether the client has asked PostgreSQL for replication. */
    boolean isStream() {
        return stream;
    }

    @Override
    public void close() {
        proxy.ended(this);
        FaultProxy.quietly(client);
        FaultProxy.quietly(server);
    }

    /** Passes bytes on one way. Owned by its thread. */
    private final class Pump implements Runnable {
        private final Direction direction;
        private final Socket from;
        private final Socket to;
        private final byte[] buffer = new byte[READ];
        private Fault seen = Fault.PASS;
        private Random random = new Random(0);
        private long passed;
        private int heard;

        Pump(Direction direction, Socket from, Socket to) {
            this.direction = direction;
            this.from = from;
            this.to = to;
        }

        @Override
        public void run() {
            try {
                InputStream in = from.getInputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    notice(n);
                    forward(n, proxy.fault(direction, FaultyLink.this));
                }
                var _ = proxy.fault(direction, FaultyLink.this);
                to.shutdownOutput();
                if (pumping.decrementAndGet() == 0) {
                    close();
                }
            } catch (IOException e) {
                close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                close();
            }
        }

        /**
         * The first that a client says, a StartupMessage in clear, holds its parameters; before it
         * may come a question for TLS.
         */
        private void notice(int read) {
            if (direction == Direction.TO_SERVER && heard++ < 2 && !stream) {
                stream = new String(buffer, 0, read, ISO_8859_1).contains("\0replication\0");
            }
        }

        @SuppressWarnings("ReferenceEquality") // an equal one that was set later begins anew
        private void forward(int read, Fault fault) throws IOException, InterruptedException {
            if (fault != seen) {
                seen = fault;
                passed = 0;
                random = new Random(fault instanceof Fault.FlipSome f ? f.seed() + number : 0);
            }
            switch (fault) {
                case Fault.Pass p -> write(buffer, 0, read);
                case Fault.Hold h -> write(buffer, 0, read);
                case Fault.CutAfter cut -> cut(cut, read);
                case Fault.Delay delay -> {
                    Thread.sleep(delay.time());
                    write(buffer, 0, read);
                }
                case Fault.Trickle trickle -> trickle(read, trickle.pause());
                case Fault.Coalesce coalesce -> coalesce(read, coalesce);
                case Fault.Flip flip -> flip(flip, read);
                case Fault.Insert insert -> insert(insert, read);
                case Fault.Replace replace -> replace(replace, read);
                case Fault.Garble garble -> garble(garble, read);
                case Fault.FlipSome some -> flipSome(some, read);
            }
            passed += read;
        }

        private void cut(Fault.CutAfter cut, int read) throws IOException {
            long left = cut.bytes() - passed;
            if (left > read || !proxy.strike(direction, cut)) {
                write(buffer, 0, read);
                return;
            }
            write(buffer, 0, (int) left);
            close();
            throw new IOException("cut");
        }

        private void trickle(int read, Duration pause) throws IOException, InterruptedException {
            for (int i = 0; i < read; i++) {
                write(buffer, i, 1);
                Thread.sleep(pause);
            }
        }

        private void coalesce(int read, Fault.Coalesce coalesce) throws IOException {
            byte[] burst = new byte[Math.max(read, coalesce.bytes())];
            System.arraycopy(buffer, 0, burst, 0, read);
            int length = read;
            from.setSoTimeout(Math.toIntExact(coalesce.quiet().toMillis()));
            try {
                while (length < burst.length) {
                    int more = from.getInputStream().read(burst, length, burst.length - length);
                    if (more < 0) {
                        break;
                    }
                    length += more;
                }
            } catch (SocketTimeoutException e) {
                // that is all there is for now
            } finally {
                from.setSoTimeout(0);
            }
            write(burst, 0, length);
        }

        private void flip(Fault.Flip flip, int read) throws IOException {
            long at = flip.offset() - passed;
            if (at >= 0 && at < read && proxy.strike(direction, flip)) {
                buffer[(int) at] ^= (byte) flip.mask();
            }
            write(buffer, 0, read);
        }

        private void insert(Fault.Insert insert, int read) throws IOException {
            long at = insert.offset() - passed;
            if (at < 0 || at >= read || !proxy.strike(direction, insert)) {
                write(buffer, 0, read);
                return;
            }
            write(buffer, 0, (int) at);
            write(insert.bytes(), 0, insert.bytes().length);
            write(buffer, (int) at, read - (int) at);
        }

        private void replace(Fault.Replace replace, int read) throws IOException {
            byte[] others = replace.bytes();
            long start = replace.offset() - passed;
            for (int i = 0; i < others.length; i++) {
                long at = start + i;
                if (at >= 0 && at < read) {
                    buffer[(int) at] = others[i];
                    boolean last = i == others.length - 1;
                    var _ = last && proxy.strike(direction, replace);
                }
            }
            write(buffer, 0, read);
        }

        private void garble(Fault.Garble garble, int read) throws IOException {
            String text = new String(buffer, 0, read, ISO_8859_1);
            byte[] garbled = text.replace(garble.these(), garble.others()).getBytes(ISO_8859_1);
            write(garbled, 0, read);
        }

        private void flipSome(Fault.FlipSome some, int read) throws IOException {
            for (int i = 0; i < read; i++) {
                if (random.nextInt(some.every()) == 0) {
                    buffer[i] ^= (byte) (1 << random.nextInt(8));
                }
            }
            write(buffer, 0, read);
        }

        private void write(byte[] bytes, int start, int length) throws IOException {
            if (length > 0) {
                OutputStream out = to.getOutputStream();
                out.write(bytes, start, length);
                proxy.passed(direction, FaultyLink.this, length);
            }
        }
    }
}
