package dev.walmonitor.admin.command;

import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.admin.command.terminal.Progress;
import dev.walmonitor.admin.command.terminal.Question;
import dev.walmonitor.admin.command.terminal.Table;
import dev.walmonitor.change.Operation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.source.Simulation;
import dev.walmonitor.source.Simulation.Deed;
import dev.walmonitor.source.Simulation.Plan;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Makes changes at a rate, for trying rules. */
@Command(
        name = "simulate",
        description = {
            "Makes changes at a rate, such as an application would, for trying rules.",
            "It inserts rows that are like those that are there, and changes and deletes only what it inserted."
        })
class Simulate extends CareCommand {
    private static final double HIGHEST = 1000;

    /** What became of one table. */
    private static final class Tally {
        private final Map<Operation, Integer> done = new EnumMap<>(Operation.class);
        private int refused;
        private @Nullable String why;

        private void count(Deed deed) {
            if (deed.failure() == null) {
                done.merge(deed.operation(), 1, Integer::sum);
            } else {
                refused++;
                why = why == null ? deed.failure() : why;
            }
        }

        private String count(Operation operation) {
            return String.valueOf(done.getOrDefault(operation, 0));
        }
    }

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Changes a second, up to 1000 (${DEFAULT-VALUE}).")
    double rate = 5;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "How long, such as 30s or 5m (${DEFAULT-VALUE}).")
    String time = "30s";

    @Option(
            names = "--table",
            paramLabel = "SCHEMA.NAME",
            description = "Only this table; may be repeated. Else all that rules are about.")
    List<String> only = new ArrayList<>();

    @Option(names = "--keep", description = "Leaves the rows that it inserted.")
    boolean keep;

    @Option(names = "--force", description = "Does not ask before it writes.")
    boolean force;

    Simulate(ConfiguredSources sources, RuleBook book) {
        super(sources, book);
    }

    @Override
    int run() {
        Duration length = length();
        List<String> names = names();
        if (names.isEmpty()) {
            return 1;
        }
        if (names.size() > 1) {
            throw new ParameterException(
                    spec.commandLine(), "Expected --source with one of " + names);
        }
        Simulation simulation = sources.simulation(names.getFirst());
        try {
            return simulate(simulation, wait(simulation.plan(wanted(names.getFirst()))), length);
        } finally {
            var _ = wait(simulation.close());
        }
    }

    private Duration length() {
        if (!(rate > 0 && rate <= HIGHEST)) {
            throw new ParameterException(
                    spec.commandLine(), "Expected a --rate above 0 and up to 1000, got " + rate);
        }
        try {
            Duration length = DurationConverter.parseDuration(time);
            if (length.isPositive()) {
                return length;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new ParameterException(
                spec.commandLine(), "Expected --for with a time such as 30s or 5m, got " + time);
    }

    /** Without any rule, every table. */
    private Predicate<TableName> wanted(String name) {
        if (!only.isEmpty()) {
            List<TablePattern> patterns = only.stream().map(TablePattern::parse).toList();
            return table -> patterns.stream().anyMatch(pattern -> pattern.matches(table));
        }
        var rules = book.rules(name);
        return table ->
                rules.isEmpty() || rules.stream().anyMatch(rule -> rule.filter().matches(table));
    }

    private int simulate(Simulation simulation, Plan plan, Duration length) {
        plan.left().forEach(err()::println);
        if (plan.tables().isEmpty()) {
            err().println(
                            "There is no table to write to: name one with --table, or write a rule first.");
            return 1;
        }
        String tables =
                plan.tables().stream().map(TableName::toString).collect(Collectors.joining(", "));
        if (!plan.demo()) {
            Boolean wanted = Question.isWanted(force, "This writes into " + tables + ".", err());
            if (!Boolean.TRUE.equals(wanted)) {
                return wanted == null ? 2 : 1;
            }
        }
        out().println("Writing into " + tables + ".");
        out().flush();
        return changes(simulation, length);
    }

    private int changes(Simulation simulation, Duration length) {
        Map<TableName, Tally> tallies =
                new TreeMap<>(java.util.Comparator.comparing(Object::toString));
        Progress progress = new Progress(out());
        long begun = System.nanoTime();
        long end = begun + length.toNanos();
        int done = 0;
        try {
            for (long now = begun; now < end; now = System.nanoTime()) {
                Deed deed = wait(simulation.next());
                tallies.computeIfAbsent(deed.table(), table -> new Tally()).count(deed);
                done++;
                progress.show(
                        (now - begun) / (double) length.toNanos(),
                        done + " changes, " + perSecond(done, System.nanoTime() - begun));
                sleepUntil(Math.min(end, begun + (long) (done / rate * 1e9)));
            }
        } finally {
            progress.end();
            report(tallies, done, System.nanoTime() - begun);
        }
        return tidyUp(simulation, tallies);
    }

    private static void sleepUntil(long nanos) {
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(Map<TableName, Tally> tallies, int done, long nanos) {
        Table table = new Table("TABLE", "INSERT", "UPDATE", "DELETE", "REFUSED");
        tallies.forEach((name, tally) ->
                table.row(
                        name.toString(),
                        tally.count(Operation.INSERT),
                        tally.count(Operation.UPDATE),
                        tally.count(Operation.DELETE),
                        String.valueOf(tally.refused)));
        table.lines().forEach(out()::println);
        tallies.forEach((name, tally) -> {
            if (tally.why != null) {
                out().println(name + " has refused: " + tally.why);
            }
        });
        out().println(
                        done
                                + " changes in "
                                + Duration.ofNanos(nanos).toSeconds()
                                + " s, "
                                + perSecond(done, nanos)
                                + ".");
    }

    private static String perSecond(int done, long nanos) {
        return String.format(Locale.ROOT, "%.1f a second", done * 1e9 / Math.max(1, nanos));
    }

    private int tidyUp(Simulation simulation, Map<TableName, Tally> tallies) {
        if (keep) {
            out().println("The rows that were inserted stay, as --keep says.");
        } else {
            int left = wait(simulation.tidyUp());
            out().println(
                            left == 0
                                    ? "The rows that were inserted are deleted again."
                                    : left
                                            + " rows that were inserted could not be deleted again.");
        }
        boolean any = tallies.values().stream().anyMatch(tally -> !tally.done.isEmpty());
        return any ? 0 : 1;
    }
}
