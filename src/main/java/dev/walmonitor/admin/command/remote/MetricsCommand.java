package dev.walmonitor.admin.command.remote;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walmonitor.admin.command.remote.Samples.Sample;
import dev.walmonitor.admin.command.terminal.Figures;
import dev.walmonitor.admin.command.terminal.Table;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Shows what the service counts, read from its management port. */
@Command(
        name = "metrics",
        description = {
            "Shows what the service counts, as it stands at this moment.",
            "It is read from the management port, which asks for no password."
        })
public final class MetricsCommand extends RemoteCommand {
    private static final int MANAGEMENT_PORT = 9000;

    /** What of all. */
    enum Topic {
        LAG,
        STATS,
        ERRORS,
        HANDLERS
    }

    @Parameters(
            paramLabel = "TOPIC",
            description = {
                "lag: how far each source is behind, and what that costs.",
                "stats: changes by table and event.",
                "errors: whatever went wrong since the start.",
                "handlers: what each rule has done, and how fast."
            })
    String topic = "";

    @Option(
            names = "--metrics-url",
            paramLabel = "URL",
            description =
                    "Where the management port is; WAL_MONITOR_METRICS_URL, or port 9000 of --url.")
    @Nullable String metricsUrl;

    @Option(names = "--json", description = "The figures of the topic, for scripts.")
    boolean json;

    @Override
    int run(Service service) {
        Topic wanted = topic();
        Samples samples = Samples.parse(new Service(management(), Map.of()).text("/q/metrics"));
        if (json) {
            out().println(json(wanted, samples).toPrettyString());
            return 0;
        }
        Table table =
                switch (wanted) {
                    case LAG -> lag(samples);
                    case STATS -> stats(samples);
                    case ERRORS -> errors(samples);
                    case HANDLERS -> handlers(samples);
                };
        List<String> lines =
                table.isEmpty()
                        ? List.of(wanted == Topic.ERRORS ? "No error." : "Nothing yet.")
                        : table.lines();
        lines.forEach(out()::println);
        return 0;
    }

    private Topic topic() {
        for (Topic each : Topic.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(topic)) {
                return each;
            }
        }
        throw new ParameterException(
                spec.commandLine(),
                "Expected metrics lag, stats, errors or handlers, got \"" + topic + "\"");
    }

    private String management() {
        String stated =
                metricsUrl != null ? metricsUrl : environment.get("WAL_MONITOR_METRICS_URL");
        if (stated != null) {
            return stated;
        }
        try {
            URI api = new URI(url());
            return new URI(api.getScheme(), null, api.getHost(), MANAGEMENT_PORT, null, null, null)
                    .toString();
        } catch (URISyntaxException e) {
            return url();
        }
    }

    private static Table lag(Samples samples) {
        Table table =
                new Table("SOURCE", "STATE", "LAG", "RETAINED", "LEFT", "CANARY", "CANARY MAX");
        for (String source : samples.values("source_state", "source")) {
            Map<String, String> of = Map.of("source", source);
            table.row(
                    source,
                    samples.named("source_state")
                            .filter(s -> s.label("source").equals(source) && s.value() == 1)
                            .map(s -> s.label("state"))
                            .findFirst()
                            .orElse("-"),
                    bytes(samples.sum("replication_lag_bytes", of)),
                    bytes(samples.sum("slot_retained_bytes", of)),
                    bytes(samples.sum("slot_safe_bytes", of)),
                    seconds(mean(samples, "canary_seconds", of)),
                    seconds(samples.sum("canary_seconds_max", of)));
        }
        return table;
    }

    private static Table stats(Samples samples) {
        Table table = new Table("SOURCE", "TABLE", "EVENT", "CHANGES");
        samples.named("changes_total")
                .filter(s -> s.value() > 0)
                .forEach(s ->
                        table.row(
                                s.label("source"),
                                s.label("table"),
                                s.label("event"),
                                count(s.value())));
        return table;
    }

    private static Table errors(Samples samples) {
        Table table = new Table("WHAT", "OF", "HOW OFTEN");
        samples.all().stream()
                .filter(MetricsCommand::isError)
                .forEach(s -> table.row(s.name(), s.labels().toString(), count(s.value())));
        return table;
    }

    private static boolean isError(Sample sample) {
        boolean wrong =
                switch (sample.name()) {
                    case "reconnects_total",
                            "gaps_total",
                            "unexpected_messages_total",
                            "cache_refresh_failed_total",
                            "webhook_dropped_total" ->
                            true;
                    case "rule_handled_total" ->
                            Set.of("failed", "dead", "dropped").contains(sample.label("outcome"));
                    case "parked" -> sample.label("state").equals("dead");
                    default -> sample.name().endsWith("errors_total");
                };
        return wrong && sample.value() > 0;
    }

    private static Table handlers(Samples samples) {
        Table table =
                new Table(
                        "RULE", "DONE", "FAILED", "PARKED", "DEAD", "DROPPED", "MEAN", "MAX",
                        "WAITING");
        for (String rule : samples.values("rule_handled_total", "rule")) {
            Map<String, String> of = Map.of("rule", rule);
            table.row(
                    rule,
                    handled(samples, rule, "done"),
                    handled(samples, rule, "failed"),
                    handled(samples, rule, "parked"),
                    handled(samples, rule, "dead"),
                    handled(samples, rule, "dropped"),
                    seconds(mean(samples, "rule_latency_seconds", of)),
                    seconds(samples.sum("rule_latency_seconds_max", of)),
                    count(samples.sum("parked", Map.of("rule", rule, "state", "parked"))));
        }
        return table;
    }

    private static String handled(Samples samples, String rule, String outcome) {
        return count(samples.sum("rule_handled_total", Map.of("rule", rule, "outcome", outcome)));
    }

    private static double mean(Samples samples, String timer, Map<String, String> of) {
        double count = samples.sum(timer + "_count", of);
        return count > 0 ? samples.sum(timer + "_sum", of) / count : Double.NaN;
    }

    private static ArrayNode json(Topic topic, Samples samples) {
        Set<String> names =
                switch (topic) {
                    case LAG ->
                            Set.of(
                                    "source_state",
                                    "replication_lag_bytes",
                                    "slot_retained_bytes",
                                    "slot_safe_bytes",
                                    "canary_seconds_count",
                                    "canary_seconds_sum",
                                    "canary_seconds_max");
                    case STATS -> Set.of("changes_total");
                    case ERRORS -> Set.of();
                    case HANDLERS ->
                            Set.of(
                                    "rule_handled_total",
                                    "rule_latency_seconds_count",
                                    "rule_latency_seconds_sum",
                                    "rule_latency_seconds_max",
                                    "parked");
                };
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        samples.all().stream()
                .filter(s -> topic == Topic.ERRORS ? isError(s) : names.contains(s.name()))
                .filter(s -> !Double.isNaN(s.value()))
                .forEach(s -> {
                    ObjectNode one = all.addObject().put("name", s.name());
                    ObjectNode labels = one.putObject("labels");
                    s.labels().forEach(labels::put);
                    one.put("value", s.value());
                });
        return all;
    }

    private static String bytes(double value) {
        return Double.isNaN(value) ? "-" : Figures.bytes((long) value);
    }

    private static String count(double value) {
        return Double.isNaN(value) ? "-" : String.valueOf((long) value);
    }

    private static String seconds(double value) {
        return Double.isNaN(value)
                ? "-"
                : value < 1
                        ? String.format(Locale.ROOT, "%.1fms", value * 1000)
                        : Figures.duration(Duration.ofMillis((long) (value * 1000)));
    }
}
