package dev.walmonitor.admin.command.remote;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lets a rule do nothing, or reads nothing more of a source. */
@Command(
        name = "pause",
        description = {
            "Lets a rule do nothing: its changes are parked, over restarts too.",
            "Or reads nothing more of a source: the database keeps its log; ends with the process."
        })
public final class PauseCommand extends RemoteCommand {

    /** What a command is about: one of the two. */
    static final class What {
        @Option(names = "--rule", required = true, paramLabel = "NAME", description = "The rule.")
        @Nullable String rule;

        @Option(
                names = "--source",
                required = true,
                paramLabel = "NAME",
                description = "The source.")
        @Nullable String source;

        private String path() {
            return rule != null
                    ? "/rules/" + Service.encoded(rule)
                    : "/replication/" + Service.encoded(String.valueOf(source));
        }

        @Override
        public String toString() {
            return rule != null ? "rule " + rule : "source " + source;
        }

        /** Tells the service. */
        void tell(Service service, String verb) {
            var _ = service.post(path() + "/" + verb, null);
        }
    }

    @ArgGroup(exclusive = true, multiplicity = "1")
    What what = new What();

    @Option(names = "--reason", paramLabel = "TEXT", description = "For people (${DEFAULT-VALUE}).")
    String reason = "by an operator";

    @Override
    int run(Service service) {
        what.tell(service, "pause?reason=" + Service.encoded(reason));
        out().println("Paused: " + what + ".");
        return 0;
    }
}
