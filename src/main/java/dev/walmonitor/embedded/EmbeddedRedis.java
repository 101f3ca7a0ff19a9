package dev.walmonitor.embedded;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/**
 * One Redis server, a child of this process. Not thread-safe; one owner starts and stops it.
 *
 * <p>The system property {@code redis.binary} names another redis-server than the 6.2 of the build.
 */
class EmbeddedRedis implements AutoCloseable {
    private static final String BINARY = "redis.binary";

    private final ServerDirectory directory = ServerDirectory.create("redis", "redis.pid");
    private final File program;
    private final Path data;
    private final int port;
    private final List<String> options;
    private @Nullable Process process;

    /**
     * Prepares one.
     *
     * @param port where it is wanted; another one is taken if it is not free
     * @param options further options of redis-server, such as {@code --appendonly}, {@code yes}
     */
    protected EmbeddedRedis(int port, List<String> options) {
        this.port = Ports.free(port);
        this.options = List.copyOf(options);
        this.program = program(directory.path());
        try {
            this.data = Files.createDirectory(directory.path().resolve("data"));
        } catch (IOException e) {
            throw new EmbeddedServerException("Could not make a directory for Redis", e);
        }
    }

    private static File program(Path directory) {
        String other = System.getProperty(BINARY, "");
        try {
            return other.isBlank()
                    ? ExecutableProvider.newJarResourceProvider(directory.toFile()).get()
                    : new File(other).getAbsoluteFile();
        } catch (IOException e) {
            throw new EmbeddedServerException("Could not unpack Redis", e);
        }
    }

    /** A server that is not started yet and will keep nothing on disk. */
    static EmbeddedRedis create(int port) {
        return new EmbeddedRedis(port, List.of());
    }

    /** Starts it and returns when it answers. */
    final void start() {
        Path log = directory.path().resolve("redis.log");
        List<String> command = new ArrayList<>(Programs.ownSession());
        command.addAll(
                List.of(
                        program.toString(),
                        "--port",
                        String.valueOf(port),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        ""));
        command.addAll(List.of("--dir", data.toString(), "--daemonize", "no"));
        command.addAll(List.of("--pidfile", directory.path().resolve("redis.pid").toString()));
        command.addAll(options);
        try {
            Process started =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                            .start();
            started.getOutputStream().close();
            process = started;
            Startup.await("Redis", started, log, this::answers);
        } catch (IOException e) {
            throw new EmbeddedServerException("Redis could not be run", e);
        }
    }

    /** Stops it in an orderly way and returns when it is gone; it can be started again. */
    final void stop() {
        Process running = running();
        running.destroy();
        EmbeddedPostgres.awaitEnd(running);
    }

    /** The server's process, which runs. */
    final Process running() {
        Process running = process;
        if (running == null || !running.isAlive()) {
            throw new IllegalStateException("Expected Redis on port " + port + " to run");
        }
        return running;
    }

    final boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Where it keeps what it is told to keep. */
    final Path data() {
        return data;
    }

    final int port() {
        return port;
    }

    final String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** Ends it, if it runs, and deletes everything. */
    @Override
    public void close() {
        directory.close();
    }

    /** Any answer but "loading" will do, even that a password is missing. */
    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(1000);
            socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String answer = new String(in.readNBytes(5), StandardCharsets.US_ASCII);
            return !answer.isEmpty() && !answer.equals("-LOAD");
        } catch (IOException e) {
            return false;
        }
    }
}
