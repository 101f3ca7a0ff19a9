package dev.walmonitor.admin.command;

import io.quarkus.runtime.Quarkus;
import picocli.CommandLine.Command;

/** All commands; without one it serves. */
@Command(
        name = "wal-monitor",
        description = "Watches a database's own log and reacts to every committed row change.",
        mixinStandardHelpOptions = true,
        exitCodeOnExecutionException = 1,
        exitCodeOnInvalidInput = 2,
        subcommands = {WalMonitor.Serve.class, RulesCommand.class})
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
