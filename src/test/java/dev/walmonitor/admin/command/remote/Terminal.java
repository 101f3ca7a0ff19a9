package dev.walmonitor.admin.command.remote;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** Where somebody types commands for a service on this machine, and what he reads. */
public final class Terminal {
    private final String url;
    private final Map<String, String> environment;
    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();

    public Terminal(int port) {
        this("http://127.0.0.1:" + port, Map.of());
    }

    Terminal(String url, Map<String, String> environment) {
        this.url = url;
        this.environment = environment;
    }

    /** Runs a command, with the URL at its end; answers the exit code. */
    public int run(String... arguments) {
        out = new StringWriter();
        err = new StringWriter();
        CommandLine line =
                new CommandLine(new Remote())
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true));
        configure(line);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--url=" + url);
        return line.execute(all.toArray(String[]::new));
    }

    private void configure(CommandLine line) {
        if (line.getCommand() instanceof RemoteCommand command) {
            command.environment = environment;
        }
        line.getSubcommands().values().forEach(this::configure);
    }

    public String out() {
        return out.toString();
    }

    public String err() {
        return err.toString();
    }
}
