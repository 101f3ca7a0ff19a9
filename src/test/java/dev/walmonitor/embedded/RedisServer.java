package dev.walmonitor.embedded;

import java.util.List;

/**
 * A Redis of a test's own that can be stopped, killed, frozen and started again on the same port.
 */
public final class RedisServer extends EmbeddedRedis {

    private RedisServer(List<String> options) {
        super(Ports.ANY, options);
    }

    /**
     * A started server.
     *
     * @param options of redis-server, such as {@code "--appendonly", "yes"}; without any, nothing
     *     is kept on disk
     */
    public static RedisServer started(String... options) {
        RedisServer server = new RedisServer(List.of(options));
        server.start();
        return server;
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

    /** Stops it from running: it keeps its connections and answers nothing until {@link #thaw}. */
    public void freeze() {
        Programs.run(List.of("kill", "-STOP", String.valueOf(running().pid())));
    }

    public void thaw() {
        Programs.run(List.of("kill", "-CONT", String.valueOf(running().pid())));
    }

    public String address() {
        return url();
    }

    public int portNumber() {
        return port();
    }

    public long pid() {
        return running().pid();
    }
}
