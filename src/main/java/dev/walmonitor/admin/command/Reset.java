package dev.walmonitor.admin.command;

import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.admin.command.terminal.Question;
import dev.walmonitor.change.Gap;
import dev.walmonitor.change.LogIdentity;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.monitor.SchemaVersions;
import dev.walmonitor.pipeline.WatermarkStore;
import dev.walmonitor.pipeline.WatermarkStore.Remedy;
import dev.walmonitor.source.Checkpoint;
import dev.walmonitor.source.Upkeep;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the slot anew, with a declared gap. */
@Command(
        name = "reset",
        description = {
            "Drops the slot of a source and makes it anew; refuses while anybody reads from it.",
            "What was not read is a gap on record; caches are made anew at the next start. Asks first."
        })
class Reset extends CareCommand {
    private static final String REASON = "An operator has reset the source.";

    private final SchemaVersions versions;
    private final WatermarkStore watermarks;

    @Option(names = "--force", description = "Does not ask.")
    boolean force;

    Reset(
            ConfiguredSources sources,
            RuleBook book,
            SchemaVersions versions,
            WatermarkStore watermarks) {
        super(sources, book);
        this.versions = versions;
        this.watermarks = watermarks;
    }

    @Override
    int run() {
        List<String> names = names();
        if (names.isEmpty()) {
            return 1;
        }
        for (String name : names) {
            // looks, and refuses, before anything is asked or done
            var _ = wait(upkeep(name).drop(true));
            Boolean wanted =
                    Question.isWanted(
                            force,
                            "The slot of source "
                                    + name
                                    + " is made anew: what was not read yet is never told.",
                            err());
            if (!Boolean.TRUE.equals(wanted)) {
                return wanted == null ? 2 : 1;
            }
            reset(name);
        }
        return 0;
    }

    /**
     * The gap is put on record after the slot is there. Should that fail, the next start finds the
     * slot ahead of what is on record, and says so.
     */
    private void reset(String name) {
        versions.make();
        Optional<Checkpoint> before = wait(watermarks.load(name));
        Upkeep.Anew anew = wait(upkeep(name).reset(interest(name)));
        tell(anew.steps(), false);
        if (before.isEmpty()) {
            out().println("Nothing was read of source " + name + " before: there is no gap.");
            return;
        }
        Checkpoint known = before.get();
        LogIdentity log =
                new LogIdentity(anew.system(), anew.timeline(), known.log().epoch())
                        .next(Instant.now().getEpochSecond());
        // positions of two clusters have nothing to do with each other
        boolean same = known.log().system().equals(anew.system());
        Gap gap = Gap.of(same ? known.watermark() : null, anew.from(), REASON);
        Map<String, Remedy> remedies = remedies(name);
        wait(watermarks.begin(name, new Checkpoint(log, anew.from()), gap, remedies));
        out().println("Gap " + gap + " is on record.");
        remedies.forEach((rule, remedy) ->
                out().println(
                                "  "
                                        + rule
                                        + (remedy == Remedy.REBUILT
                                                ? " makes its values anew at the next start."
                                                : " has missed it.")));
    }

    private Map<String, Remedy> remedies(String name) {
        Map<String, Remedy> remedies = new TreeMap<>();
        book.rules(name)
                .forEach(rule ->
                        remedies.put(
                                rule.name(),
                                WantedByRules.canRebuild(rule) ? Remedy.REBUILT : Remedy.RECORDED));
        return remedies;
    }
}
