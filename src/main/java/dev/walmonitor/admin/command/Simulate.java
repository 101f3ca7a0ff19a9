package dev.walmonitor.admin.command;

import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.admin.command.load.Load;
import dev.walmonitor.admin.command.load.LoadReport;
import dev.walmonitor.admin.command.load.LoadResult;
import dev.walmonitor.admin.command.remote.RuleLatencies;
import dev.walmonitor.admin.command.terminal.Progress;
import dev.walmonitor.admin.command.terminal.Question;
import dev.walmonitor.change.TableName;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.rule.TablePattern;
import dev.walmonitor.source.Simulation;
import dev.walmonitor.source.Simulation.Plan;
import io.quarkus.runtime.configuration.DurationConverter;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Makes changes at a rate, for trying rules and for load tests. */
@Command(
        name = "simulate",
        description = {
            "Makes changes at a rate, such as an application would, for trying rules and for load tests.",
            "It inserts rows that are like those that are there, and changes and deletes only what it inserted.",
            "Tells how long commits took, and how long after them the running service was done."
        },
        footer = {
            "",
            "As whom the service is asked: WAL_MONITOR_TOKEN (a bearer token), WAL_MONITOR_OPERATOR_PASSWORD or"
                    + " WAL_MONITOR_VIEWER_PASSWORD in the environment."
        })
class Simulate extends CareCommand {
    private static final double HIGHEST = 100_000;
    private static final int MOST_CONNECTIONS = 64;
    private static final String LOCAL = "http://localhost:8080";

    /** How long the service may go on after the last change. */
    private static final Duration CATCHING_UP = Duration.ofSeconds(30);

    private final Interruption interruption;

    /** The exit code where nothing was begun. */
    private int refused = 1;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Changes a second, up to 100000 (${DEFAULT-VALUE}).")
    double rate = 5;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "How long, such as 30s or 5m (${DEFAULT-VALUE}).")
    String time = "30s";

    @Option(
            names = "--connections",
            paramLabel = "N",
            description =
                    "How many make the changes, 1 to 64. Else one for every 100 a second, 1 to 8.")
    @Nullable Integer connections;

    @Option(
            names = "--table",
            paramLabel = "SCHEMA.NAME",
            description = "Only this table; may be repeated. Else all that rules are about.")
    List<String> only = new ArrayList<>();

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where the service is; WAL_MONITOR_URL, or " + LOCAL + ".")
    @Nullable String url;

    @Option(names = "--keep", description = "Leaves the rows that it inserted.")
    boolean keep;

    @Option(names = "--force", description = "Does not ask before it writes.")
    boolean force;

    @Option(names = "--json", description = "The report, for scripts.")
    boolean json;

    /** Where the environment comes from, but for tests. */
    Map<String, String> environment = System.getenv();

    Simulate(ConfiguredSources sources, RuleBook book, Interruption interruption) {
        super(sources, book);
        this.interruption = interruption;
    }

    @Override
    int run() {
        Duration length = length();
        int many = connections();
        List<String> names = names();
        if (names.isEmpty()) {
            return 1;
        }
        if (names.size() > 1) {
            throw wrong("Expected --source with one of " + names);
        }
        String name = names.getFirst();
        List<Simulation> clients =
                IntStream.range(0, many).mapToObj(i -> sources.simulation(name)).toList();
        interruption.begin();
        try {
            List<Plan> plans =
                    clients.stream().map(client -> wait(client.plan(wanted(name)))).toList();
            return isMeant(plans.getFirst()) ? simulate(name, clients, length) : refused;
        } finally {
            clients.forEach(client -> {
                var _ = wait(client.close());
            });
            out().flush();
            err().flush();
            interruption.end();
        }
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }

    private Duration length() {
        if (!(rate > 0 && rate <= HIGHEST)) {
            throw wrong("Expected a --rate above 0 and up to 100000, got " + rate);
        }
        try {
            Duration length = DurationConverter.parseDuration(time);
            if (length.isPositive()) {
                return length;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            // said below
        }
        throw wrong("Expected --for with a time such as 30s or 5m, got " + time);
    }

    private int connections() {
        if (connections == null) {
            return Math.clamp((long) Math.ceil(rate / 100), 1, 8);
        }
        if (connections < 1 || connections > MOST_CONNECTIONS) {
            throw wrong("Expected --connections from 1 to 64, got " + connections);
        }
        return connections;
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

    private boolean isMeant(Plan plan) {
        plan.left().forEach(err()::println);
        if (plan.tables().isEmpty()) {
            err().println(
                            "There is no table to write to: name one with --table, or write a rule first.");
            return false;
        }
        String tables =
                plan.tables().stream().map(TableName::toString).collect(Collectors.joining(", "));
        if (!plan.demo()) {
            Boolean wanted = Question.isWanted(force, "This writes into " + tables + ".", err());
            if (!Boolean.TRUE.equals(wanted)) {
                refused = wanted == null ? 2 : 1;
                return false;
            }
        }
        PrintWriter to = json ? err() : out();
        to.println("Writing into " + tables + ".");
        to.flush();
        return true;
    }

    private int simulate(String name, List<Simulation> clients, Duration length) {
        RuleLatencies rules = new RuleLatencies(service(), environment, name);
        rules.begin();
        Progress progress = new Progress(json ? err() : out());
        LoadResult result =
                new Load(clients, rate, length, interruption::isAsked)
                        .run((part, changes, since) ->
                                progress.show(
                                        part, changes + " changes, " + perSecond(changes, since)));
        progress.end();
        RuleLatencies.Heard heard = rules.end(interruption.isAsked() ? Duration.ZERO : CATCHING_UP);
        LoadReport report = new LoadReport(name, result, heard, keep ? null : tidyUp(clients));
        if (json) {
            out().println(report.json().toPrettyString());
        } else {
            report.lines().forEach(out()::println);
        }
        if (result.failure() != null) {
            err().println(result.failure());
        }
        return result.failure() == null && result.done() > 0 ? 0 : 1;
    }

    private String service() {
        return url != null ? url : environment.getOrDefault("WAL_MONITOR_URL", LOCAL);
    }

    private static String perSecond(long done, Duration since) {
        return String.format(
                Locale.ROOT, "%.1f a second", done * 1e9 / Math.max(1, since.toNanos()));
    }

    /** As long as something goes: rows of one connection may refer to those of another. */
    private static int tidyUp(List<Simulation> clients) {
        int left = Integer.MAX_VALUE;
        int before;
        do {
            before = left;
            left = clients.stream().mapToInt(client -> wait(client.tidyUp())).sum();
        } while (left > 0 && left < before);
        return left;
    }
}
