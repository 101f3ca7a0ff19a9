package dev.walmonitor.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs the small programs that come with a system or with PostgreSQL. */
final class Programs {

    private Programs() {}

    /**
     * Puts the command that follows beyond the reach of a terminal's Ctrl-C; empty where the system
     * cannot.
     */
    static List<String> ownSession() {
        return find("setsid").map(List::of).orElse(List.of());
    }

    /**
     * Lets the command that follows believe that it is not run by root, which PostgreSQL refuses;
     * empty if it is not.
     *
     * @param writable what the other user needs to own, if it has to be another one
     */
    static List<String> notAsRoot(Path writable) {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        Optional<String> unshare = find("unshare");
        if (unshare.isPresent() && succeeds(List.of(unshare.get(), "-U", "true"))) {
            return List.of(unshare.get(), "-U");
        }
        Optional<String> setpriv = find("setpriv");
        if (setpriv.isPresent()) {
            run(List.of("chown", "-R", "65534:65534", writable.toString()));
            return List.of(setpriv.get(), "--reuid=65534", "--regid=65534", "--clear-groups");
        }
        throw new EmbeddedServerException(
                "PostgreSQL refuses to run as root: use another user, or install unshare or setpriv"
                        + " (util-linux), or set DATABASE_URL.");
    }

    /** Runs a command that has to succeed within a minute. */
    static void run(List<String> command) {
        try {
            Path output = Files.createTempFile("wal-monitor-", ".log");
            try {
                Process process =
                        new ProcessBuilder(command)
                                .redirectErrorStream(true)
                                .redirectOutput(output.toFile())
                                .start();
                process.getOutputStream().close();
                boolean isOver = process.waitFor(1, TimeUnit.MINUTES);
                String printed = Files.readString(output, StandardCharsets.UTF_8).strip();
                if (!isOver) {
                    process.destroyForcibly();
                    throw new EmbeddedServerException(
                            name(command) + " did not end within a minute: " + printed);
                }
                if (process.exitValue() != 0) {
                    throw new EmbeddedServerException(name(command) + " failed: " + printed);
                }
            } finally {
                Files.delete(output);
            }
        } catch (IOException e) {
            throw new EmbeddedServerException(name(command) + " could not be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedServerException(name(command) + " was interrupted", e);
        }
    }

    private static boolean succeeds(List<String> command) {
        try {
            run(command);
            return true;
        } catch (EmbeddedServerException e) {
            return false;
        }
    }

    private static String name(List<String> command) {
        return String.join(" ", command);
    }

    private static Optional<String> find(String program) {
        return Stream.of("/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin")
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
