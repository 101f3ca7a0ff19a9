package dev.walmonitor.source;

import dev.walmonitor.change.Column;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.SourcesConfig.ColumnsConfig;
import dev.walmonitor.source.SourcesConfig.SourceConfig;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of which tables are kept from everybody behind the source. It is applied when a row
 * is decoded, so that nothing further on can show what it holds back. Immutable; may be asked from
 * any thread.
 */
public final class ColumnPolicy {

    /** What is done to a column. */
    public enum Treatment {
        /** As it is. */
        SHOW,
        /** As if the table had no such column. */
        DROP,
        /** Another text, the same for every value. */
        MASK,
        /** Another text, the same for the same value. */
        HASH
    }

    /** What stands for a value that is masked. */
    public static final String MASK = "***";

    /** Everything is shown. */
    public static final ColumnPolicy NONE = new ColumnPolicy(Map.of(), Optional.empty());

    private static final int TEXT = 25;

    private final Map<String, Map<String, Treatment>> tables = new TreeMap<>();
    private final Optional<String> key;

    /**
     * @param columns by table, with its schema
     * @param key of the hashes; without one anybody can make the hash of a value that he guesses
     */
    public ColumnPolicy(Map<String, Map<String, Treatment>> columns, Optional<String> key) {
        columns.forEach((table, treated) ->
                tables.put(TableName.parse(table).toString(), new TreeMap<>(treated)));
        this.key = key;
    }

    /** As a source is configured. */
    public static ColumnPolicy of(SourceConfig config) {
        if (config.columns().isEmpty()) {
            return NONE;
        }
        Map<String, Map<String, Treatment>> tables = new TreeMap<>();
        config.columns().forEach((table, columns) -> tables.put(table, treatments(columns)));
        return new ColumnPolicy(tables, config.hashKey());
    }

    private static Map<String, Treatment> treatments(ColumnsConfig columns) {
        Map<String, Treatment> treatments = new TreeMap<>();
        columns.hash().orElse(List.of()).forEach(c -> treatments.put(c, Treatment.HASH));
        columns.mask().orElse(List.of()).forEach(c -> treatments.put(c, Treatment.MASK));
        columns.drop().orElse(List.of()).forEach(c -> treatments.put(c, Treatment.DROP));
        return treatments;
    }

    /** Whether everything of the table is shown. */
    public boolean isNone(TableName table) {
        return !tables.containsKey(table.toString());
    }

    /** What is done to a column of a table. */
    public Treatment of(TableName table, String column) {
        return tables.getOrDefault(table.toString(), Map.of()).getOrDefault(column, Treatment.SHOW);
    }

    /** What is done to each of a table's columns; null if nothing is done to any. */
    public Treatment @Nullable [] of(TableName table, List<Column> columns) {
        Map<String, Treatment> treated = tables.get(table.toString());
        if (treated == null) {
            return null;
        }
        return columns.stream()
                .map(column -> treated.getOrDefault(column.name(), Treatment.SHOW))
                .toArray(Treatment[]::new);
    }

    /**
     * The table as everybody sees it: without what is dropped, and with text for what is not shown.
     */
    public Relation visible(Relation table) {
        Treatment[] treatments = of(table.table(), table.columns());
        if (treatments == null) {
            return table;
        }
        List<Column> columns = new ArrayList<>();
        List<Integer> key = new ArrayList<>();
        for (int i = 0; i < treatments.length; i++) {
            Column column = table.columns().get(i);
            if (treatments[i] == Treatment.DROP) {
                continue;
            }
            if (table.key().contains(i)) {
                key.add(columns.size());
            }
            columns.add(
                    treatments[i] == Treatment.SHOW
                            ? column
                            : new Column(column.name(), TEXT, -1, column.identity()));
        }
        boolean whole = key.size() == table.key().size();
        return new Relation(
                table.oid(), table.table(), table.identity(), columns, whole ? key : List.of());
    }

    /**
     * What cannot be done, a sentence each.
     *
     * @param source its name, for the sentences
     * @param all the tables as the database has them
     * @param nearest the name that somebody probably meant, of those that there are
     */
    public List<String> faults(
            String source,
            List<Relation> all,
            BiFunction<String, Collection<String>, Optional<String>> nearest) {
        List<String> faults = new ArrayList<>();
        Map<String, Relation> known = new TreeMap<>();
        all.forEach(table -> known.put(table.table().toString(), table));
        tables.forEach((name, treated) -> {
            Relation table = known.get(name);
            if (table == null) {
                faults.add(
                        where(source, name)
                                + "there is no such table"
                                + near(nearest.apply(name, known.keySet())));
            } else {
                treated.forEach((column, treatment) ->
                        fault(table, column, treatment, nearest)
                                .ifPresent(what -> faults.add(where(source, name) + what)));
            }
        });
        return faults;
    }

    private static String where(String source, String table) {
        return "Source " + source + ": columns.\"" + table + "\": ";
    }

    private static Optional<String> fault(
            Relation table,
            String column,
            Treatment treatment,
            BiFunction<String, Collection<String>, Optional<String>> nearest) {
        int index = table.indexOf(column);
        if (index < 0) {
            List<String> names = table.columns().stream().map(Column::name).toList();
            return Optional.of(
                    "the table has no column \""
                            + column
                            + "\""
                            + near(nearest.apply(column, names)));
        }
        boolean loses = treatment == Treatment.DROP || treatment == Treatment.MASK;
        return loses && table.key().contains(index)
                ? Optional.of(
                        "column \""
                                + column
                                + "\" is part of the key by which rows are told apart; hash it, or show it.")
                : Optional.empty();
    }

    private static String near(Optional<String> name) {
        return name.map(n -> "; did you mean " + n + "?").orElse(".");
    }

    /** The hash of a value, 64 hexadecimal digits: HMAC-SHA-256 with the key, or plain SHA-256. */
    public String hash(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        try {
            if (key.isEmpty()) {
                return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            }
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.get().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Expected SHA-256, which every JDK has", e);
        }
    }
}
