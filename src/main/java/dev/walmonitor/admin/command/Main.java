package dev.walmonitor.admin.command;

import dev.walmonitor.admin.command.remote.Remote;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;

/** Where the process begins: what it was called for is known before anything is configured. */
@QuarkusMain
public final class Main {

    private Main() {}

    /**
     * Runs until the service ends, or the command is done. One that asks the running service needs
     * nothing of this one.
     */
    public static void main(String... arguments) {
        if (Remote.isMeant(arguments)) {
            System.exit(Remote.run(arguments));
        }
        Invocation.of(arguments).settings().forEach(System::setProperty);
        Quarkus.run(Application.class, arguments);
    }

    /** The command line, once everything is configured. */
    public static final class Application implements QuarkusApplication {
        private final CommandLine.IFactory factory;

        Application(CommandLine.IFactory factory) {
            this.factory = factory;
        }

        @Override
        public int run(String... arguments) {
            return new CommandLine(WalMonitor.class, factory).execute(arguments);
        }
    }
}
