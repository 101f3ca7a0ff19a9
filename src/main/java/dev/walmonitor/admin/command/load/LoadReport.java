package dev.walmonitor.admin.command.load;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walmonitor.admin.command.remote.RuleLatencies.Heard;
import dev.walmonitor.admin.command.terminal.Table;
import dev.walmonitor.change.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What a load test tells at its end.
 *
 * @param heard what the running service has told
 * @param rowsLeft how many of its rows are still there; null if they are meant to
 */
public record LoadReport(
        String source, LoadResult result, Heard heard, @Nullable Integer rowsLeft) {

    /** For a person. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>(tables().lines());
        result.tables()
                .forEach((name, tally) -> {
                    if (tally.why() != null) {
                        lines.add(name + " has refused: " + tally.why());
                    }
                });
        lines.add("");
        lines.addAll(latencies().lines());
        String refusal = heard.refusal();
        if (refusal != null) {
            lines.add("How long rules took was not measured to the end: " + refusal);
        }
        lines.add("");
        lines.add(sum());
        if (result.notBegun() > 0) {
            lines.add(
                    result.notBegun()
                            + (result.notBegun() == 1 ? " change was" : " changes were")
                            + " due and found no connection free: the database is at its limit, or"
                            + " --connections too few.");
        }
        lines.add(rows());
        return lines;
    }

    private Table tables() {
        Table table = new Table("TABLE", "INSERT", "UPDATE", "DELETE", "REFUSED");
        result.tables()
                .forEach((name, tally) ->
                        table.row(
                                name.toString(),
                                String.valueOf(tally.count(Operation.INSERT)),
                                String.valueOf(tally.count(Operation.UPDATE)),
                                String.valueOf(tally.count(Operation.DELETE)),
                                String.valueOf(tally.refused())));
        return table;
    }

    private Table latencies() {
        Table table = new Table("LATENCY", "P50", "P95", "P99", "P99.9", "MAX", "CHANGES");
        row(table, "commit, from when it was due", result.fromDue());
        row(table, "commit, from when it was sent", result.fromSent());
        heard.rules().forEach((rule, micros) -> row(table, "commit to done, rule " + rule, micros));
        return table;
    }

    private static void row(Table table, String name, Histogram micros) {
        table.row(
                name,
                millis(micros.getValueAtPercentile(50)),
                millis(micros.getValueAtPercentile(95)),
                millis(micros.getValueAtPercentile(99)),
                millis(micros.getValueAtPercentile(99.9)),
                millis(micros.getMaxValue()),
                String.valueOf(micros.getTotalCount()));
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, micros < 10_000 ? "%.2fms" : "%.1fms", micros / 1000.0);
    }

    private String sum() {
        return String.format(
                Locale.ROOT,
                "%d changes in %.1f s over %d %s: %.1f a second of %.1f%s.",
                result.done(),
                result.took().toNanos() / 1e9,
                result.connections(),
                result.connections() == 1 ? "connection" : "connections",
                result.reached(),
                result.rate(),
                result.interrupted() ? ", interrupted" : "");
    }

    private String rows() {
        return rowsLeft == null
                ? "The rows that were inserted stay, as --keep says."
                : rowsLeft == 0
                        ? "The rows that were inserted are deleted again."
                        : rowsLeft + " rows that were inserted could not be deleted again.";
    }

    /** For scripts; latencies in milliseconds. */
    public ObjectNode json() {
        ObjectNode all = JsonNodeFactory.instance.objectNode().put("source", source);
        all.put("seconds", result.took().toMillis() / 1000.0)
                .put("connections", result.connections())
                .put("interrupted", result.interrupted())
                .put("failure", result.failure());
        all.putObject("rate").put("offered", result.rate()).put("reached", result.reached());
        all.putObject("changes")
                .put("due", result.due())
                .put("done", result.done())
                .put("refused", result.refused())
                .put("not_begun", result.notBegun());
        ArrayNode tables = all.putArray("tables");
        result.tables()
                .forEach((name, tally) ->
                        tables.addObject()
                                .put("table", name.toString())
                                .put("insert", tally.count(Operation.INSERT))
                                .put("update", tally.count(Operation.UPDATE))
                                .put("delete", tally.count(Operation.DELETE))
                                .put("refused", tally.refused())
                                .put("why", tally.why()));
        ObjectNode commit = all.putObject("commit");
        percentiles(commit.putObject("from_due"), result.fromDue());
        percentiles(commit.putObject("from_sent"), result.fromSent());
        ObjectNode done = all.putObject("commit_to_done");
        ArrayNode rules = done.putArray("rules");
        heard.rules()
                .forEach(
                        (rule, micros) -> percentiles(rules.addObject().put("rule", rule), micros));
        done.put("not_measured", heard.refusal());
        return rowsLeft == null ? all.putNull("rows_left") : all.put("rows_left", rowsLeft);
    }

    private static void percentiles(ObjectNode node, Histogram micros) {
        node.put("changes", micros.getTotalCount())
                .put("p50_ms", micros.getValueAtPercentile(50) / 1000.0)
                .put("p95_ms", micros.getValueAtPercentile(95) / 1000.0)
                .put("p99_ms", micros.getValueAtPercentile(99) / 1000.0)
                .put("p999_ms", micros.getValueAtPercentile(99.9) / 1000.0)
                .put("max_ms", micros.getMaxValue() / 1000.0);
    }
}
