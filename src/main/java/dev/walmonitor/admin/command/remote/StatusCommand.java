package dev.walmonitor.admin.command.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walmonitor.admin.command.terminal.Figures;
import dev.walmonitor.admin.command.terminal.Screen;
import dev.walmonitor.admin.command.terminal.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows how every source and every rule stands. */
@Command(
        name = "status",
        description = {
            "Shows how every source and every rule stands.",
            "Exit code 0 says that it could be told, not that all is well; for that there are probes."
        })
public final class StatusCommand extends RemoteCommand {
    private static final String NOTHING = "-";
    private static final String CLEAR = "\u001b[H\u001b[2J";

    @Option(names = "--json", description = "As the API gives it, for scripts.")
    boolean json;

    @Option(names = "--watch", description = "Again and again, until Ctrl-C.")
    boolean watch;

    @Option(
            names = "--every",
            paramLabel = "SECONDS",
            description = "How often with --watch (${DEFAULT-VALUE}).")
    int every = 2;

    @Option(names = "--source", paramLabel = "NAME", description = "Only this one.")
    @Nullable String source;

    @Override
    int run(Service service) {
        if (every < 1) {
            err().println("Expected --every of at least 1 second, got " + every + ".");
            return 2;
        }
        show(service);
        while (watch && pause()) {
            show(service);
        }
        return 0;
    }

    private boolean pause() {
        try {
            Thread.sleep(Duration.ofSeconds(every));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void show(Service service) {
        List<JsonNode> sources = new ArrayList<>();
        if (source == null) {
            service.get("/replication").forEach(sources::add);
        } else {
            sources.add(service.get("/replication/" + Service.encoded(source) + "/status"));
        }
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode rule : service.get("/rules")) {
            if (source == null || rule.path("source").asText().equals(name(sources))) {
                rules.add(rule);
            }
        }
        if (json) {
            ObjectNode all = JsonNodeFactory.instance.objectNode();
            all.putArray("sources").addAll(sources);
            all.putArray("rules").addAll(rules);
            out().println(watch ? all.toString() : all.toPrettyString());
        } else {
            if (watch && Screen.isThere()) {
                out().print(CLEAR);
            }
            lines(sources, rules, Instant.now()).forEach(out()::println);
        }
        out().flush();
    }

    private static String name(List<JsonNode> sources) {
        return sources.getFirst().path("source").asText();
    }

    /** As a person reads it. */
    static List<String> lines(List<JsonNode> sources, List<JsonNode> rules, Instant now) {
        List<String> lines = new ArrayList<>();
        Table table =
                new Table(
                        "SOURCE",
                        "STATE",
                        "SINCE",
                        "LAG",
                        "RETAINED",
                        "IN FLIGHT",
                        "WATERMARK",
                        "LAST COMMIT");
        sources.forEach(s ->
                table.row(
                        text(s, "source"),
                        text(s, "state"),
                        ago(s, "since", now),
                        bytes(s, "lag_bytes"),
                        bytes(s, "retained_bytes"),
                        text(s, "in_flight"),
                        text(s, "watermark"),
                        ago(s, "last_commit", now)));
        lines.addAll(table.isEmpty() ? List.of("There is no source.") : table.lines());
        sources.forEach(s -> sentences(s, lines));
        if (!rules.isEmpty()) {
            lines.add("");
            lines.addAll(rules(rules).lines());
            rules.forEach(rule -> reason(rule, lines));
        }
        return lines;
    }

    private static void sentences(JsonNode source, List<String> lines) {
        String name = text(source, "source") + ": ";
        for (String field : List.of("sentence", "remedy")) {
            if (source.hasNonNull(field)) {
                lines.add(name + source.get(field).asText());
            }
        }
        source.path("remarks").forEach(remark -> lines.add(name + remark.asText()));
    }

    private static Table rules(List<JsonNode> rules) {
        Table table = new Table("RULE", "SOURCE", "ACTION", "STATE", "IN MEMORY", "PARKED", "DEAD");
        rules.forEach(rule ->
                table.row(
                        text(rule, "rule"),
                        text(rule, "source"),
                        text(rule, "action"),
                        text(rule, "state"),
                        text(rule, "in_memory"),
                        text(rule, "parked"),
                        text(rule, "dead")));
        return table;
    }

    private static void reason(JsonNode rule, List<String> lines) {
        if (rule.hasNonNull("reason")) {
            lines.add(text(rule, "rule") + ": paused: " + text(rule, "reason"));
        }
    }

    private static String text(JsonNode of, String field) {
        return of.hasNonNull(field) ? of.get(field).asText() : NOTHING;
    }

    private static String bytes(JsonNode of, String field) {
        return of.hasNonNull(field) ? Figures.bytes(of.get(field).asLong()) : NOTHING;
    }

    private static String ago(JsonNode of, String field, Instant now) {
        return of.hasNonNull(field)
                ? Figures.ago(Instant.parse(of.get(field).asText()), now)
                : NOTHING;
    }
}
