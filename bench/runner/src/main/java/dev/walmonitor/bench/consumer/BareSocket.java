package dev.walmonitor.bench.consumer;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the machine can do: one blocking socket, one large buffer, frames cut and nothing decoded.
 * While it is behind it lets half a millisecond of data pile up between two reads, because a server
 * whose every small write wakes a waiting reader spends half of its time on that.
 *
 * <p>{@code --streaming} asks for transactions in progress (protocol 2), {@code --binary} for
 * values in binary form.
 */
public final class BareSocket {
    private static final int BUFFER = 1 << 20;
    private static final int HEADER = 1 + 4;

    /** Of XLogData: its type, two positions, a time. */
    private static final int BEFORE_MESSAGE = HEADER + 1 + 3 * 8;

    /** Of a keepalive: its type, a position, a time. */
    private static final int BEFORE_REPLY = HEADER + 1 + 2 * 8;

    private static final long NAP = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long STATUS = TimeUnit.SECONDS.toNanos(1);

    /** So many messages within a window, and there are more to come. */
    private static final int BEHIND = 32;

    private final Arguments arguments;
    private final SocketChannel socket;
    private final Tally tally;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
    private boolean asked;
    private int messages;
    private long windowSince;
    private long statusSince;

    private BareSocket(Arguments arguments, SocketChannel socket, Outcome outcome) {
        this.arguments = arguments;
        this.socket = socket;
        this.tally = new Tally(outcome);
    }

    public static void main(String[] words) throws Exception {
        Arguments arguments = new Arguments(words);
        try (SocketChannel socket = SocketChannel.open()) {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.connect(
                    new InetSocketAddress(
                            arguments.get("host"), Integer.parseInt(arguments.get("port"))));
            Outcome outcome = new Outcome(arguments);
            new BareSocket(arguments, socket, outcome).run();
            outcome.tell();
        }
    }

    private void run() throws IOException {
        send(startup());
        while (!tally.over()) {
            if (socket.read(in) < 0) {
                throw new EOFException("Expected the server to go on, it has closed");
            }
            in.flip();
            while (!tally.over() && frame()) {
                // each moves the buffer's position
            }
            in.compact();
            long now = System.nanoTime();
            status(now);
            pace(now);
        }
    }

    /** Consumes one frame if the whole of it is there. */
    private boolean frame() throws IOException {
        int at = in.position();
        if (in.remaining() < HEADER || in.remaining() < 1 + in.getInt(at + 1)) {
            return false;
        }
        switch (in.get(at)) {
            case 'd' -> copied(at);
            case 'E' -> throw new IOException("Expected the server to stream, it refused");
            case 'Z' -> {
                if (!asked) {
                    asked = true;
                    send(startReplication());
                }
            }
            default -> {}
        }
        in.position(at + 1 + in.getInt(at + 1));
        return true;
    }

    private void copied(int at) throws IOException {
        if (in.get(at + HEADER) == 'w') {
            messages++;
            tally.read(in, at + BEFORE_MESSAGE);
        } else if (in.get(at + BEFORE_REPLY) != 0) {
            send(status());
        }
    }

    private void status(long now) throws IOException {
        if (tally.end() != 0 && now - statusSince > STATUS) {
            statusSince = now;
            send(status());
        }
    }

    private void pace(long now) {
        if (messages > BEHIND) {
            messages = 0;
            LockSupport.parkNanos(NAP);
        } else if (now - windowSince > WINDOW) {
            windowSince = now;
            messages = 0;
        }
    }

    private void send(ByteBuffer message) throws IOException {
        while (message.hasRemaining()) {
            socket.write(message);
        }
    }

    private ByteBuffer startup() {
        String parameters =
                "user\0%s\0database\0%s\0replication\0database\0\0"
                        .formatted(arguments.get("user"), arguments.get("db"));
        byte[] body = parameters.getBytes(StandardCharsets.UTF_8);
        int version = 3 << 16;
        return ByteBuffer.allocate(8 + body.length)
                .putInt(8 + body.length)
                .putInt(version)
                .put(body)
                .flip();
    }

    private ByteBuffer startReplication() {
        boolean streaming = arguments.has("streaming");
        String statement =
                "START_REPLICATION SLOT %s LOGICAL 0/0 (proto_version '%d', publication_names '%s'%s%s)\0"
                        .formatted(
                                arguments.get("slots"),
                                streaming ? 2 : 1,
                                arguments.get("pub"),
                                streaming ? ", streaming 'on'" : "",
                                arguments.has("binary") ? ", binary 'true'" : "");
        byte[] body = statement.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(HEADER + body.length)
                .put((byte) 'Q')
                .putInt(4 + body.length)
                .put(body)
                .flip();
    }

    private ByteBuffer status() {
        long end = tally.end();
        int length = 4 + 1 + 4 * 8 + 1;
        return ByteBuffer.allocate(1 + length)
                .put((byte) 'd')
                .putInt(length)
                .put((byte) 'r')
                .putLong(end)
                .putLong(end)
                .putLong(end)
                .putLong(Outcome.toPostgres(Outcome.now()))
                .put((byte) 0)
                .flip();
    }
}
