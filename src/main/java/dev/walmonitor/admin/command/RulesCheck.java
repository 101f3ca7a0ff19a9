package dev.walmonitor.admin.command;

import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.change.Relation;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.rule.Fault;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells every fault of every rule of a file, as the start of the service would. */
@Command(
        name = "check",
        description = {
            "Tells every fault of every rule of a file, as the start of the service would.",
            "Asks the database that is configured for its tables; starts nothing."
        },
        mixinStandardHelpOptions = true)
class RulesCheck implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Spec CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "Rules as in config/application.yaml.")
    Path file = Path.of("");

    private final RuleBook book;
    private final Databases databases;
    private final ConfiguredSources sources;

    RulesCheck(RuleBook book, Databases databases, ConfiguredSources sources) {
        this.book = book;
        this.databases = databases;
        this.sources = sources;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Optional<String> unreadable = new RulesFile(file).fault();
        if (unreadable.isPresent()) {
            spec.commandLine().getErr().println(unreadable.get());
            return 2;
        }
        Set<String> faults = new LinkedHashSet<>(databases.faults());
        book.faults().forEach(fault -> faults.add(fault.message()));
        for (String name : databases.names()) {
            faults.addAll(check(name));
        }
        faults.forEach(out::println);
        if (databases.names().isEmpty()) {
            out.println(
                    "No database is configured (DATABASE_URL): whether tables, columns, queries and replica identities"
                            + " fit was not checked.");
        }
        out.println(
                faults.isEmpty()
                        ? "No fault in " + book.rules().size() + " rules."
                        : faults.size() + (faults.size() == 1 ? " fault." : " faults."));
        out.flush();
        return faults.isEmpty() ? 0 : 1;
    }

    private List<String> check(String name) {
        try {
            List<Relation> all = databases.tables(name);
            List<String> columns = sources.columnFaults(name, all);
            return columns.isEmpty()
                    ? book.check(name, sources.visible(name, all)).await().atMost(PATIENCE).stream()
                            .map(Fault::message)
                            .toList()
                    : columns;
        } catch (RuntimeException e) {
            return List.of("The rules of source " + name + " cannot be checked: " + e.getMessage());
        }
    }
}
