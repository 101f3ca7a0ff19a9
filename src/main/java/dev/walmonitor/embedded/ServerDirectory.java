package dev.walmonitor.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A temporary directory with everything of one server, and a guard: a small shell process that
 * waits for the end of this JVM, however it comes, then kills the server and deletes the directory.
 * The guard lives through Ctrl-C, so the application can shut down in peace while its servers still
 * answer.
 */
final class ServerDirectory implements AutoCloseable {
    private static final String GUARD =
            """
            trap '' INT HUP TERM
            cat > /dev/null
            if [ -s "$2" ]; then
              read -r pid < "$2"
              kill -CONT "$pid" $(ps -A -o pid= -o ppid= | awk -v parent="$pid" '$2 == parent { print $1 }')
              kill -QUIT "$pid"
              tries=0
              while [ "$tries" -lt 50 ]; do
                case $(ps -o stat= -p "$pid") in '' | Z*) break ;; esac
                sleep 0.1
                tries=$((tries + 1))
              done
              kill -KILL "$pid"
            fi
            rm -rf "$1"
            """;

    private final Path path;
    private final Process guard;

    private ServerDirectory(Path path, Process guard) {
        this.path = path;
        this.guard = guard;
    }

    /**
     * A new one.
     *
     * @param server its name in the directory's
     * @param pidFile where the server writes its process id, below the directory
     */
    static ServerDirectory create(String server, String pidFile) {
        try {
            Path path = Files.createTempDirectory("wal-monitor-" + server + "-");
            List<String> command = new ArrayList<>(Programs.ownSession());
            command.addAll(
                    List.of(
                            "sh",
                            "-c",
                            GUARD,
                            "guard",
                            path.toString(),
                            path.resolve(pidFile).toString()));
            Process guard =
                    new ProcessBuilder(command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return new ServerDirectory(path, guard);
        } catch (IOException e) {
            throw new EmbeddedServerException(
                    "Could not make a temporary directory for " + server, e);
        }
    }

    Path path() {
        return path;
    }

    /** Kills what still runs there, deletes the directory and returns when it is gone. */
    @Override
    public void close() {
        try {
            guard.getOutputStream().close();
            if (!guard.waitFor(20, TimeUnit.SECONDS)) {
                throw new EmbeddedServerException(
                        "Expected " + path + " to be deleted within 20 s");
            }
        } catch (IOException e) {
            throw new EmbeddedServerException("Could not tell the guard of " + path + " to end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
