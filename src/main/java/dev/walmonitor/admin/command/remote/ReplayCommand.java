package dev.walmonitor.admin.command.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walmonitor.admin.command.terminal.Progress;
import dev.walmonitor.admin.command.terminal.Question;
import dev.walmonitor.admin.command.terminal.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Has archived changes done once more. */
@Command(
        name = "replay",
        description = {
            "Has rules do archived changes once more, in their order and marked as replayed.",
            "The changes must have been stored by a rule with the action archive."
        })
public final class ReplayCommand extends RemoteCommand {
    private static final String QUESTION = "The rules do their work for these changes once more.";

    @Option(
            names = "--source",
            paramLabel = "NAME",
            description = "Of this source (${DEFAULT-VALUE}).")
    String source = "main";

    @Option(
            names = {"--from", "--lsn"},
            required = true,
            paramLabel = "LSN|TIME",
            description =
                    "The first position or time of a commit, such as 16/B374D848 or 2026-11-21T18:00:00Z.")
    String from = "";

    @Option(
            names = "--to",
            paramLabel = "LSN|TIME",
            description = "The first that is too late; without it, all that is archived.")
    @Nullable String to;

    @Option(names = "--table", paramLabel = "SCHEMA.NAME", description = "Changes of this table.")
    @Nullable String table;

    @Option(names = "--key", paramLabel = "KEY", description = "Changes of this row of the table.")
    @Nullable String key;

    @Option(
            names = "--rule",
            paramLabel = "NAME",
            description = "For this rule; without it, for all but those that archive.")
    @Nullable String rule;

    @Option(names = "--dry-run", description = "Only tells what would be done, and does nothing.")
    boolean dryRun;

    @Option(names = "--force", description = "Does not ask.")
    boolean force;

    @Option(names = "--json", description = "Each page as the API gives it, a line each.")
    boolean json;

    /** What the pages together say of one rule. */
    private static final class Share {
        private final String action;
        private long replayed;
        private long refused;

        private Share(String action) {
            this.action = action;
        }
    }

    @Override
    int run(Service service) {
        if (!dryRun) {
            Boolean wanted = Question.isWanted(force, QUESTION, err());
            if (!Boolean.TRUE.equals(wanted)) {
                return wanted == null ? 2 : 1;
            }
        }
        Map<String, Share> shares = new LinkedHashMap<>();
        long changes = 0;
        Progress progress = new Progress(err());
        @Nullable Instant first = null;
        @Nullable String after = null;
        do {
            JsonNode page = page(service, after);
            changes += page.path("changes").asLong();
            add(page, shares);
            first = show(progress, page, first, changes);
            after = page.path("next").textValue();
        } while (after != null);
        progress.end();
        if (!json) {
            tell(changes, shares);
        }
        return 0;
    }

    private JsonNode page(Service service, @Nullable String after) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("from", from);
        put(body, "to", to);
        put(body, "table", table);
        put(body, "key", key);
        put(body, "rule", rule);
        put(body, "after", after);
        body.put("dry_run", dryRun);
        String path = "/replication/" + Service.encoded(source) + "/replay";
        JsonNode page = service.post(path, body);
        if (json) {
            out().println(page);
        } else {
            page.path("effects").forEach(this::tell);
        }
        return page;
    }

    private static void put(ObjectNode body, String name, @Nullable String value) {
        if (value != null) {
            body.put(name, value);
        }
    }

    private static void add(JsonNode page, Map<String, Share> shares) {
        for (JsonNode of : page.path("rules")) {
            Share share =
                    shares.computeIfAbsent(
                            of.path("rule").asText(),
                            name -> new Share(of.path("action").asText()));
            share.replayed += of.path("replayed").asLong();
            share.refused += of.path("refused").asLong();
        }
    }

    /** How far it is between the first change that was seen and now. */
    private static @Nullable Instant show(
            Progress progress, JsonNode page, @Nullable Instant first, long changes) {
        String text = page.path("up_to").textValue();
        if (text == null) {
            return first;
        }
        Instant upTo = Instant.parse(text);
        Instant begin = first == null ? upTo : first;
        double all = Math.max(1, Duration.between(begin, Instant.now()).toMillis());
        double part =
                page.path("next").isNull() ? 1 : Duration.between(begin, upTo).toMillis() / all;
        progress.show(part, changes + " changes, up to " + text);
        return begin;
    }

    private void tell(JsonNode effect) {
        out().println(
                        effect.path("place").asText()
                                + " "
                                + effect.path("operation").asText()
                                + " of "
                                + effect.path("table").asText()
                                + ", rule "
                                + effect.path("rule").asText()
                                + ":");
        effect.path("effects").forEach(sentence -> out().println("  " + sentence.asText()));
    }

    private void tell(long changes, Map<String, Share> shares) {
        if (changes == 0) {
            out().println("No change was found.");
            return;
        }
        Table told =
                new Table("RULE", "ACTION", dryRun ? "WOULD DO" : "REPLAYED", "NOT ITS BUSINESS");
        shares.forEach((name, share) ->
                told.row(
                        name,
                        share.action,
                        Long.toString(share.replayed),
                        Long.toString(share.refused)));
        out().println(changes + (changes == 1 ? " change was found." : " changes were found."));
        List<String> lines = told.isEmpty() ? List.of("No rule is about them.") : told.lines();
        lines.forEach(out()::println);
        if (!dryRun && !shares.isEmpty()) {
            out().println(
                            "They wait for their rules now: wal-monitor status shows how many are left.");
        }
    }
}
