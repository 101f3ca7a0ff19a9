package dev.walmonitor.admin.command.remote;

import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The commands that ask the running service: no configuration is read for them. */
@Command(
        name = "wal-monitor",
        subcommands = {
            StatusCommand.class,
            MetricsCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            SkipCommand.class,
            DeadLettersCommand.class,
            ReplayCommand.class
        })
public final class Remote {
    private static final Set<String> NAMES =
            Set.of("status", "metrics", "pause", "resume", "skip", "dead-letters", "replay");

    Remote() {}

    /** Whether the arguments are for one of them. */
    public static boolean isMeant(String... arguments) {
        return arguments.length > 0 && NAMES.contains(arguments[0]);
    }

    /**
     * Runs it.
     *
     * @return the exit code
     */
    public static int run(String... arguments) {
        return new CommandLine(new Remote()).execute(arguments);
    }
}
