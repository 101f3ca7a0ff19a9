package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Finding;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.wire.QueryResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is to be said of a publication against what the rules want. Pure.
 *
 * @param wanted the tables of which a rule wants anything
 */
record PublicationHealth(SlotOptions options, Interest interest, List<Relation> wanted) {
    private static final String ABOUT = "publication";

    Finding missing() {
        String sentence = "There is no publication " + options.publication() + " yet.";
        if (options.manage()) {
            return Finding.remark(
                    ABOUT, sentence, "It is made by the first start, or by wal-monitor setup.");
        }
        String tables =
                wanted.stream()
                        .map(table -> Publication.quoted(table.table()))
                        .collect(Collectors.joining(", "));
        return Finding.fault(
                ABOUT,
                "There is no publication " + options.publication() + ", and manage is false.",
                "Before the slot: one that is older than its publication cannot be read.",
                "CREATE PUBLICATION "
                        + options.quotedPublication()
                        + (tables.isEmpty() ? "" : " FOR TABLE " + tables)
                        + " WITH (publish_via_partition_root = true)");
    }

    /**
     * @param published a column for each operation
     */
    List<Finding> operations(List<@Nullable String> published) {
        List<Operation> order =
                List.of(Operation.INSERT, Operation.UPDATE, Operation.DELETE, Operation.TRUNCATE);
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            Operation operation = order.get(i);
            if (!"t".equals(published.get(i))
                    && wanted.stream().anyMatch(table -> interest.wants(table, operation))) {
                missing.add(operation.name().toLowerCase(Locale.ROOT));
            }
        }
        return missing.isEmpty()
                ? List.of()
                : List.of(
                        Finding.fault(
                                ABOUT,
                                "Publication "
                                        + options.publication()
                                        + " does not publish "
                                        + String.join(", ", missing)
                                        + ", which rules want.",
                                "",
                                "ALTER PUBLICATION "
                                        + options.quotedPublication()
                                        + " SET (publish = 'insert, update, delete, truncate')"));
    }

    /**
     * @param listed the answer to {@link PublicationDrift#tables}
     */
    List<Finding> tables(QueryResult listed) {
        Map<TableName, List<@Nullable String>> rows = new HashMap<>();
        for (List<@Nullable String> row : listed.rows()) {
            rows.put(new TableName(Catalogue.text(row, 0), Catalogue.text(row, 1)), row);
        }
        List<Finding> found = new ArrayList<>();
        for (Relation table : wanted) {
            List<@Nullable String> row = rows.get(table.table());
            if (row == null) {
                found.add(notPublished(table.table()));
            } else if ("t".equals(row.get(2))) {
                found.add(
                        heldBack(
                                table.table(),
                                "has a row filter for "
                                        + table.table()
                                        + ": changes of the rows that it keeps back do not come."));
            } else if (row.get(3) != null) {
                found.add(
                        heldBack(
                                table.table(),
                                "leaves out columns of "
                                        + table.table()
                                        + ": "
                                        + row.get(3)
                                        + "."));
            }
        }
        return found;
    }

    private Finding notPublished(TableName table) {
        String sentence =
                "Table "
                        + table
                        + " is wanted by a rule, and publication "
                        + options.publication()
                        + " does not give its changes.";
        return options.manage()
                ? Finding.remark(
                        ABOUT, sentence, "It is added by the next start, or by wal-monitor setup.")
                : Finding.fault(ABOUT, sentence, "", alter("ADD", table));
    }

    private Finding heldBack(TableName table, String what) {
        return Finding.fault(
                ABOUT,
                "Publication " + options.publication() + " " + what,
                "",
                alter("DROP", table),
                alter("ADD", table));
    }

    private String alter(String verb, TableName table) {
        return "ALTER PUBLICATION "
                + options.quotedPublication()
                + " "
                + verb
                + " TABLE "
                + Publication.quoted(table);
    }
}
