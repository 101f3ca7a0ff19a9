package dev.walmonitor.admin.command.remote;

import dev.walmonitor.admin.command.remote.PauseCommand.What;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;

/** Lets a rule or a source go on. */
@Command(name = "resume", description = "Lets a rule or a source go on that was paused.")
public final class ResumeCommand extends RemoteCommand {

    @ArgGroup(exclusive = true, multiplicity = "1")
    What what = new What();

    @Override
    int run(Service service) {
        what.tell(service, "resume");
        out().println("Goes on: " + what + ".");
        return 0;
    }
}
