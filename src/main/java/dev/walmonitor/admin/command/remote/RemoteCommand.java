package dev.walmonitor.admin.command.remote;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that asks the running service. What the service says no to ends with exit code 1. */
@Command(
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "As whom: WAL_MONITOR_TOKEN (a bearer token), WAL_MONITOR_OPERATOR_PASSWORD or"
                    + " WAL_MONITOR_VIEWER_PASSWORD in the environment."
        })
abstract class RemoteCommand implements Callable<Integer> {
    private static final String LOCAL = "http://localhost:8080";

    @Spec CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the service is; WAL_MONITOR_URL, or " + LOCAL + ".")
    @Nullable String url;

    /** Where the environment comes from, but for tests. */
    Map<String, String> environment = System.getenv();

    /**
     * Does it.
     *
     * @return the exit code
     * @throws RefusedException if the service says no
     */
    abstract int run(Service service);

    @Override
    public Integer call() {
        try {
            return run(new Service(url(), environment));
        } catch (RefusedException e) {
            err().println(e.getMessage());
            return 1;
        } finally {
            out().flush();
            err().flush();
        }
    }

    final String url() {
        return url != null ? url : environment.getOrDefault("WAL_MONITOR_URL", LOCAL);
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
