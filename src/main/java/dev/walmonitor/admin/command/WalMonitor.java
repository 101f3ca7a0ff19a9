package dev.walmonitor.admin.command;

import dev.walmonitor.admin.command.remote.DeadLettersCommand;
import dev.walmonitor.admin.command.remote.MetricsCommand;
import dev.walmonitor.admin.command.remote.PauseCommand;
import dev.walmonitor.admin.command.remote.ReplayCommand;
import dev.walmonitor.admin.command.remote.ResumeCommand;
import dev.walmonitor.admin.command.remote.SkipCommand;
import dev.walmonitor.admin.command.remote.StatusCommand;
import io.quarkus.runtime.Quarkus;
import picocli.CommandLine.Command;

/** All commands; without one it serves. */
@Command(
        name = "wal-monitor",
        description = "Watches a database's own log and reacts to every committed row change.",
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = 1,
        exitCodeOnInvalidInput = 2,
        subcommands = {
            WalMonitor.Serve.class,
            StatusCommand.class,
            MetricsCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            SkipCommand.class,
            DeadLettersCommand.class,
            ReplayCommand.class,
            Setup.class,
            Drop.class,
            Reset.class,
            Doctor.class,
            Simulate.class,
            RulesCommand.class
        })
class WalMonitor implements Runnable {

    @Override
    public void run() {
        Quarkus.waitForExit();
    }

    /** The service, by its name. */
    @Command(name = "serve", description = "Runs the service until it is stopped; the default.")
    static class Serve implements Runnable {
        @Override
        public void run() {
            Quarkus.waitForExit();
        }
    }
}
