package dev.walmonitor.admin.command;

import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.monitor.SchemaVersions;
import dev.walmonitor.monitor.SchemaVersions.Version;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes what the service needs, as far as it is not there. */
@Command(
        name = "setup",
        description = {
            "Makes the tables of schema wal_monitor, the publication and the slot, as far as they are not there.",
            "The service would do so too at its start; here one sees it, and may have another role do it."
        })
class Setup extends CareCommand {
    private final SchemaVersions versions;

    @Option(names = "--dry-run", description = "Prints the SQL, and changes nothing.")
    boolean dry;

    Setup(ConfiguredSources sources, RuleBook book, SchemaVersions versions) {
        super(sources, book);
        this.versions = versions;
    }

    @Override
    int run() {
        List<String> names = names();
        if (names.isEmpty()) {
            return 1;
        }
        List<Version> missing = versions.missing();
        String where = "The tables of schema wal_monitor in " + versions.address();
        if (missing.isEmpty()) {
            out().println(where + " are those of this version.");
        } else if (dry) {
            out().println("-- " + where + " are made or brought up to date.");
            missing.forEach(version -> out().println(version.sql().strip() + "\n"));
        } else {
            versions.make();
            out().println(where + " are made or brought up to date:");
            missing.forEach(version -> out().println("  " + version.name()));
        }
        for (String name : names) {
            tell(wait(upkeep(name).setup(interest(name), dry)), dry);
        }
        return 0;
    }
}
