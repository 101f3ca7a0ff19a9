package dev.walmonitor.admin.command;

import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows which rules of a file a change matches, why not, and what each would do. */
@Command(
        name = "test",
        description = {
            "Shows which rules of a file a change matches, why not, and what each would do.",
            "Nothing is done; queries of recipients are asked where a database is configured."
        },
        mixinStandardHelpOptions = true)
class RulesTest implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Spec CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "Rules as in config/application.yaml.")
    Path file = Path.of("");

    @Option(
            names = "--change",
            required = true,
            paramLabel = "FILE",
            description = "A change as JSON: operation, schema, table, old, new.")
    Path change = Path.of("");

    private final RuleBook book;
    private final Databases databases;
    private final ConfiguredSources sources;

    RulesTest(RuleBook book, Databases databases, ConfiguredSources sources) {
        this.book = book;
        this.databases = databases;
        this.sources = sources;
    }

    @Override
    public Integer call() throws IOException {
        Optional<String> unreadable = new RulesFile(file).fault();
        if (unreadable.isPresent() || !Files.isReadable(change)) {
            spec.commandLine()
                    .getErr()
                    .println(
                            unreadable.orElse("There is no file " + change + " that can be read."));
            return 2;
        }
        PrintWriter out = spec.commandLine().getOut();
        ChangeFile told;
        try {
            told = ChangeFile.parse(Files.readString(change));
        } catch (IllegalArgumentException e) {
            spec.commandLine().getErr().println(change + ": " + e.getMessage());
            return 2;
        }
        if (!book.faults().isEmpty()) {
            book.faults().stream().map(Fault::message).forEach(out::println);
            out.flush();
            return 1;
        }
        if (book.rules().isEmpty()) {
            out.println("There is no rule in " + file + ".");
        }
        Map<String, RowChange> bySource = new HashMap<>();
        for (Rule rule : book.rules()) {
            show(
                    rule,
                    bySource.computeIfAbsent(
                            rule.source(), source -> told.change(relation(source, told))),
                    out);
        }
        out.flush();
        return 0;
    }

    /** As the database has it, or else as far as the change shows it. */
    private Relation relation(String source, ChangeFile told) {
        if (!databases.names().contains(source)) {
            return told.relation();
        }
        return sources.visible(source, databases.tables(source)).stream()
                .filter(table -> table.table().equals(told.table()))
                .findFirst()
                .orElseGet(told::relation);
    }

    private void show(Rule rule, RowChange told, PrintWriter out) {
        List<String> refusals = book.refusals(rule, told);
        if (!refusals.isEmpty()) {
            out.println(rule.name() + ": does not match: " + String.join(" ", refusals));
            return;
        }
        out.println(rule.name() + ": " + book.match(rule, told));
        List<String> effects;
        try {
            effects = book.preview(rule, told).await().atMost(PATIENCE);
        } catch (RuntimeException e) {
            effects = List.of("what it would do cannot be shown: " + e.getMessage());
        }
        effects.forEach(effect -> out.println("  " + effect.replace("\n", "\n  ")));
    }
}
