package dev.walmonitor.admin.command.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.walmonitor.admin.command.terminal.Figures;
import dev.walmonitor.admin.command.terminal.Question;
import dev.walmonitor.admin.command.terminal.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The changes that were given up. */
@Command(
        name = "dead-letters",
        description = "Lists the changes that were given up, tries them again, or forgets them.",
        mixinStandardHelpOptions = true,
        subcommands = {
            DeadLettersCommand.ListThem.class,
            DeadLettersCommand.Show.class,
            DeadLettersCommand.Retry.class,
            DeadLettersCommand.Discard.class
        })
public final class DeadLettersCommand implements Runnable {

    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Expected dead-letters list, show, retry or discard");
    }

    /** Of which source, rule and table. */
    static final class Of {
        @Option(names = "--source", paramLabel = "NAME", description = "Of this source.")
        @Nullable String source;

        @Option(names = "--rule", paramLabel = "NAME", description = "Of this rule.")
        @Nullable String rule;

        @Option(
                names = "--table",
                paramLabel = "SCHEMA.NAME",
                description = "About a row of this table.")
        @Nullable String table;

        private String query() {
            StringBuilder query = new StringBuilder();
            add(query, "source", source);
            add(query, "rule", rule);
            add(query, "table", table);
            return query.toString();
        }

        private static void add(StringBuilder query, String name, @Nullable String value) {
            if (value != null) {
                query.append('&').append(name).append('=').append(Service.encoded(value));
            }
        }

        private boolean isAny() {
            return source != null || rule != null || table != null;
        }
    }

    /** Lists them. */
    @Command(name = "list", description = "Lists them, the oldest first.")
    static final class ListThem extends RemoteCommand {
        @Mixin Of of = new Of();

        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "At most so many, 1 to 1000 (${DEFAULT-VALUE}).")
        int limit = 100;

        @Option(names = "--after", paramLabel = "ID", description = "The page after this one.")
        long after;

        @Option(names = "--json", description = "As the API gives it, for scripts.")
        boolean json;

        @Override
        int run(Service service) {
            JsonNode letters =
                    service.get("/dead-letters?limit=" + limit + "&after=" + after + of.query());
            if (json) {
                out().println(letters.toPrettyString());
                return 0;
            }
            Table table =
                    new Table("ID", "RULE", "TABLE", "OPERATION", "CHANGE", "TRIED", "DIED", "WHY");
            for (JsonNode letter : letters) {
                table.row(
                        letter.path("id").asText(),
                        letter.path("rule").asText(),
                        letter.path("table").asText(),
                        letter.path("operation").asText(),
                        letter.path("change").asText(),
                        letter.path("attempts").asText(),
                        Figures.ago(Instant.parse(letter.path("died_at").asText()), Instant.now())
                                + " ago",
                        letter.path("error").asText("-"));
            }
            List<String> lines =
                    table.isEmpty() ? List.of("There is no dead letter.") : table.lines();
            lines.forEach(out()::println);
            if (letters.size() == limit) {
                out().println(
                                "There may be more: --after "
                                        + letters.get(limit - 1).path("id").asText());
            }
            return 0;
        }
    }

    /** Shows one. */
    @Command(name = "show", description = "Shows all that is known of some.")
    static final class Show extends RemoteCommand {
        @Parameters(arity = "1..*", paramLabel = "ID", description = "Which.")
        List<Long> ids = new ArrayList<>();

        @Override
        int run(Service service) {
            int code = 0;
            for (long id : ids) {
                JsonNode found = service.get("/dead-letters?id=" + id);
                if (found.isEmpty()) {
                    err().println("There is no dead letter " + id + ".");
                    code = 1;
                }
                for (JsonNode letter : found) {
                    letter.properties()
                            .forEach(field ->
                                    out().println(
                                                    field.getKey()
                                                            + ": "
                                                            + field.getValue().asText()));
                }
            }
            return code;
        }
    }

    /** Does something about some. */
    abstract static class Change extends RemoteCommand {
        @Mixin Of of = new Of();

        @Parameters(arity = "0..*", paramLabel = "ID", description = "Which.")
        List<Long> ids = new ArrayList<>();

        @Option(names = "--all", description = "Every one; asks first.")
        boolean all;

        @Option(names = "--force", description = "Does not ask.")
        boolean force;

        final int tell(Service service, String verb, String question, String done) {
            if (all == (of.isAny() || !ids.isEmpty())) {
                err().println("Expected either ids, --source, --rule or --table, or --all.");
                return 2;
            }
            if (all) {
                Boolean wanted = Question.isWanted(force, question, err());
                if (!Boolean.TRUE.equals(wanted)) {
                    return wanted == null ? 2 : 1;
                }
            }
            long letters = service.post("/dead-letters/" + verb, body()).path("letters").asLong();
            out().println(done + letters + (letters == 1 ? " dead letter." : " dead letters."));
            return 0;
        }

        private ObjectNode body() {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            if (all) {
                return body.put("all", true);
            }
            if (!ids.isEmpty()) {
                ids.forEach(body.putArray("ids")::add);
            }
            put(body, "source", of.source);
            put(body, "rule", of.rule);
            put(body, "table", of.table);
            return body;
        }

        private static void put(ObjectNode body, String name, @Nullable String value) {
            if (value != null) {
                body.put(name, value);
            }
        }
    }

    /** Tries some again. */
    @Command(name = "retry", description = "Tries them again, as if for the first time.")
    static final class Retry extends Change {
        @Override
        int run(Service service) {
            return tell(
                    service, "retry", "Every dead letter is tried again.", "Will be tried again: ");
        }
    }

    /** Forgets some. */
    @Command(name = "discard", description = "Forgets them; nothing brings them back.")
    static final class Discard extends Change {
        @Override
        int run(Service service) {
            return tell(service, "discard", "Every dead letter is forgotten.", "Forgotten: ");
        }
    }
}
