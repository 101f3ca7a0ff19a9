package dev.walmonitor.admin.command;

import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.monitor.MonitorDatabaseException;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.SourceException;
import dev.walmonitor.source.Upkeep;
import io.smallrye.mutiny.Uni;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that talks to the databases of the configuration; the service need not run. */
@Command(mixinStandardHelpOptions = true)
abstract class CareCommand implements Callable<Integer> {
    /** A new slot waits for every transaction that is open. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Spec CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--source",
            paramLabel = "NAME",
            description = "Only this source; else all that are configured.")
    @Nullable String source;

    final ConfiguredSources sources;
    final RuleBook book;

    CareCommand(ConfiguredSources sources, RuleBook book) {
        this.sources = sources;
        this.book = book;
    }

    /**
     * Does it.
     *
     * @return the exit code
     * @throws SourceException if a source's database refuses
     * @throws MonitorDatabaseException if ours does
     */
    abstract int run();

    @Override
    public Integer call() {
        try {
            return run();
        } catch (SourceException | MonitorDatabaseException e) {
            err().println(e.getMessage());
            return 1;
        } finally {
            out().flush();
            err().flush();
        }
    }

    /** Those that are meant; tells what is wrong with the configuration. */
    final List<String> names() {
        sources.faults().forEach(err()::println);
        String wanted = source;
        if (wanted != null && !sources.names().contains(wanted)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "There is no source \"" + wanted + "\"; there are: " + sources.names());
        }
        return wanted == null ? sources.names() : List.of(wanted);
    }

    final Upkeep upkeep(String name) {
        return sources.upkeep(name);
    }

    final Interest interest(String name) {
        return new WantedByRules(book.rules(name));
    }

    static <T> T wait(Uni<T> answer) {
        return answer.await().atMost(PATIENCE);
    }

    final void tell(List<Upkeep.Step> steps, boolean dry) {
        for (Upkeep.Step step : steps) {
            out().println(
                            dry && !step.statements().isEmpty()
                                    ? "-- " + step.sentence()
                                    : step.sentence());
            step.statements().forEach(sql -> out().println(dry ? sql + ";" : "  " + sql));
        }
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
