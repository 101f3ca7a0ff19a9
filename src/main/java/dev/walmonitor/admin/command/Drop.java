package dev.walmonitor.admin.command;

import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.admin.command.terminal.Question;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.source.Upkeep;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes slot and publication away. */
@Command(
        name = "drop",
        description = {
            "Drops the slot and the publication of a source; refuses while anybody reads from the slot.",
            "The tables of schema wal_monitor stay. Asks first."
        })
class Drop extends CareCommand {

    @Option(names = "--force", description = "Does not ask.")
    boolean force;

    @Option(names = "--dry-run", description = "Prints the SQL, and changes nothing.")
    boolean dry;

    Drop(ConfiguredSources sources, RuleBook book) {
        super(sources, book);
    }

    @Override
    int run() {
        List<String> names = names();
        if (names.isEmpty()) {
            return 1;
        }
        for (String name : names) {
            // looks, and refuses, before anything is asked or done
            List<Upkeep.Step> steps = wait(upkeep(name).drop(true));
            if (dry) {
                tell(steps, true);
                continue;
            }
            Boolean wanted =
                    Question.isWanted(
                            force,
                            "Slot and publication of source "
                                    + name
                                    + " are dropped: what is changed from now on is never told.",
                            err());
            if (!Boolean.TRUE.equals(wanted)) {
                return wanted == null ? 2 : 1;
            }
            tell(wait(upkeep(name).drop(false)), false);
        }
        return 0;
    }
}
