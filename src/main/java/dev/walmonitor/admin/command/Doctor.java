package dev.walmonitor.admin.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.handler.RuleBook;
import dev.walmonitor.monitor.MonitorDatabaseException;
import dev.walmonitor.monitor.SchemaVersions;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.source.Finding;
import dev.walmonitor.source.Finding.Severity;
import dev.walmonitor.source.SourceException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Looks for whatever keeps the service from running, or will one day. */
@Command(
        name = "doctor",
        description = {
            "Looks at the databases, the rules and Redis for whatever keeps the service from running, or will one day.",
            "Changes nothing; says what mends it. Exit code 1 if there is a fault."
        })
class Doctor extends CareCommand {
    private static final Pattern STATEMENT = Pattern.compile("(ALTER TABLE [^;]+)");
    private static final String OURS = "monitor database";
    private static final String REDIS = "redis";

    private final Databases databases;
    private final SchemaVersions versions;
    private final ConfiguredRedis redis;

    @Option(names = "--json", description = "For scripts.")
    boolean json;

    @Option(names = "--sql", description = "Only the SQL that mends what SQL can.")
    boolean sql;

    Doctor(
            ConfiguredSources sources,
            RuleBook book,
            Databases databases,
            SchemaVersions versions,
            ConfiguredRedis redis) {
        super(sources, book);
        this.databases = databases;
        this.versions = versions;
        this.redis = redis;
    }

    @Override
    int run() {
        Map<String, List<Finding>> found = new LinkedHashMap<>();
        List<String> names = names();
        for (String name : names) {
            found.put("source " + name, source(name));
        }
        if (!names.isEmpty()) {
            found.put(OURS, ours());
        }
        found.put(REDIS, redis.findings());
        if (json) {
            out().println(json(found).toPrettyString());
        } else if (sql) {
            found.values().forEach(this::sql);
        } else {
            show(found);
        }
        boolean fault =
                found.values().stream()
                        .flatMap(List::stream)
                        .anyMatch(finding -> finding.severity() == Severity.FAULT);
        return fault || names.isEmpty() ? 1 : 0;
    }

    private List<Finding> source(String name) {
        List<Finding> found = new ArrayList<>(wait(upkeep(name).examine(interest(name))));
        if (found.stream().noneMatch(finding -> finding.about().equals("connection"))) {
            found.addAll(rules(name));
        }
        return found;
    }

    private List<Finding> rules(String name) {
        try {
            var all = databases.tables(name);
            List<Finding> found = new ArrayList<>();
            sources.columnFaults(name, all)
                    .forEach(fault -> found.add(Finding.fault("columns", fault, "")));
            if (found.isEmpty()) {
                wait(book.check(name, sources.visible(name, all)))
                        .forEach(fault -> found.add(rule(fault)));
            }
            // one for each event that it listens to
            return found.stream().distinct().toList();
        } catch (SourceException e) {
            return List.of(
                    Finding.remark("rules", "They could not be checked: " + e.getMessage(), ""));
        }
    }

    private static Finding rule(Fault fault) {
        Matcher statement = STATEMENT.matcher(fault.fix());
        return statement.find()
                ? Finding.fault("rule " + fault.rule(), fault.what(), "", statement.group(1))
                : Finding.fault("rule " + fault.rule(), fault.what(), fault.fix());
    }

    private List<Finding> ours() {
        try {
            int missing = versions.missing().size();
            return missing == 0
                    ? List.of()
                    : List.of(
                            Finding.remark(
                                    "schema",
                                    "The tables of schema wal_monitor in "
                                            + versions.address()
                                            + " lack "
                                            + missing
                                            + (missing == 1 ? " version." : " versions."),
                                    "They are made by the next start, or by wal-monitor setup."));
        } catch (MonitorDatabaseException e) {
            return List.of(Finding.fault("connection", String.valueOf(e.getMessage()), ""));
        }
    }

    private void show(Map<String, List<Finding>> found) {
        found.forEach((where, findings) -> {
            out().println(where + (findings.isEmpty() ? ": nothing to say." : ""));
            findings.forEach(this::show);
        });
        out().println(sum(found));
    }

    private void show(Finding finding) {
        String indent = " ".repeat(10);
        out().printf(
                        Locale.ROOT,
                        "  %-7s %s: %s%n",
                        finding.severity(),
                        finding.about(),
                        finding.sentence());
        if (!finding.remedy().isEmpty()) {
            out().println(indent + finding.remedy());
        }
        finding.statements().forEach(statement -> out().println(indent + statement + ";"));
    }

    private static String sum(Map<String, List<Finding>> found) {
        StringBuilder sum = new StringBuilder();
        for (Severity severity : Severity.values()) {
            long count =
                    found.values().stream()
                            .flatMap(List::stream)
                            .filter(finding -> finding.severity() == severity)
                            .count();
            String word = severity.name().toLowerCase(Locale.ROOT);
            sum.append(sum.isEmpty() ? "" : ", ")
                    .append(count)
                    .append(' ')
                    .append(word)
                    .append(count == 1 ? "" : "s");
        }
        return sum.append('.').toString();
    }

    private void sql(List<Finding> findings) {
        for (Finding finding : findings) {
            if (!finding.statements().isEmpty()) {
                out().println("-- " + finding.severity() + " " + finding.sentence());
                if (!finding.remedy().isEmpty()) {
                    out().println("-- " + finding.remedy());
                }
                finding.statements().forEach(statement -> out().println(statement + ";"));
            }
        }
    }

    private static ArrayNode json(Map<String, List<Finding>> found) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        found.forEach((where, findings) ->
                findings.forEach(finding -> {
                    ObjectNode one =
                            all.addObject()
                                    .put("where", where)
                                    .put("severity", finding.severity().name())
                                    .put("about", finding.about())
                                    .put("sentence", finding.sentence());
                    if (!finding.remedy().isEmpty()) {
                        one.put("remedy", finding.remedy());
                    }
                    finding.statements().forEach(one.withArray("sql")::add);
                }));
        return all;
    }
}
