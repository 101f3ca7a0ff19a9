package dev.walmonitor.embedded;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Redis of a test's own that can be stopped, killed, frozen and started again on the same port.
 */
public final class RedisServer extends EmbeddedRedis {

    private final String password;

    private RedisServer(int port, List<String> options) {
        super(port, options);
        int given = options.indexOf("--requirepass");
        this.password = given < 0 ? "" : options.get(given + 1);
    }

    /**
     * A started server.
     *
     * @param options of redis-server, such as {@code "--appendonly", "yes"}, {@code "--save", "1
     *     1"}, {@code "--maxmemory", "4mb"} or {@code "--requirepass", "…"}; without any, nothing
     *     is kept on disk
     */
    public static RedisServer started(String... options) {
        return startedOn(Ports.ANY, List.of(options));
    }

    static RedisServer startedOn(int port, List<String> options) {
        RedisServer server = new RedisServer(port, options);
        try {
            server.start();
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Ends it in an orderly way. */
    public void shutdown() {
        stop();
    }

    /** Kills it with SIGKILL. */
    public void kill9() {
        Process running = running();
        var _ = running.destroyForcibly();
        EmbeddedPostgres.awaitEnd(running);
    }

    /** Starts it again on the same port, with what it kept on disk. */
    public void restart() {
        start();
    }

    /** Starts it again on the same port, after all that it kept on disk is gone. */
    public void restartEmpty() {
        if (isRunning()) {
            throw new IllegalStateException("Expected Redis not to run when its data is deleted");
        }
        try (Stream<Path> files = Files.walk(data())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(data())) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    public boolean isUp() {
        return isRunning();
    }

    /** Stops it from running: it keeps its connections and answers nothing until {@link #thaw}. */
    public void freeze() {
        Programs.run(List.of("kill", "-STOP", String.valueOf(running().pid())));
    }

    public void thaw() {
        Programs.run(List.of("kill", "-CONT", String.valueOf(running().pid())));
    }

    /** Its URL, with its password if it has one. */
    public String address() {
        return password.isEmpty() ? url() : url().replace("//", "//:" + password + "@");
    }

    public int portNumber() {
        return port();
    }

    public long pid() {
        return running().pid();
    }

    /** The text under a key; {@code nil} if there is none, or what the server says is wrong. */
    public String get(String key) {
        return ask("GET", key);
    }

    /**
     * Sends a command over a connection of its own.
     *
     * @return the answer as text: {@code nil} for nothing, {@code -…} for an error, lists in square
     *     brackets
     */
    @CanIgnoreReturnValue
    public String ask(String... command) {
        try (RedisTalk talk = new RedisTalk(port())) {
            if (!password.isEmpty()) {
                var _ = talk.ask("AUTH", password);
            }
            return talk.ask(command);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Demands a password from now on, and closes every connection that came without one. */
    public void lock(String word) {
        try (RedisTalk talk = new RedisTalk(port())) {
            var _ = talk.ask("CONFIG", "SET", "requirepass", word);
            var _ = talk.ask("CLIENT", "KILL", "TYPE", "normal");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes the password away that was set while it ran. */
    public void open(String password) {
        try (RedisTalk talk = new RedisTalk(port())) {
            var _ = talk.ask("AUTH", password);
            var _ = talk.ask("CONFIG", "SET", "requirepass", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
