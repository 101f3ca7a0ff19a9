package dev.walmonitor.admin.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands about a file of rules. */
@Command(
        name = "rules",
        description = "Checks a file of rules, or tries it on a change.",
        mixinStandardHelpOptions = true,
        subcommands = {RulesCheck.class, RulesTest.class})
class RulesCommand implements Runnable {

    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Expected rules check FILE or rules test FILE --change FILE");
    }
}
