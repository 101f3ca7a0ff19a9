package dev.walmonitor.handler.cache;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Side;
import dev.walmonitor.rule.Template;
import dev.walmonitor.rule.Template.Placeholder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys that changes and rows make by a rule's templates. */
final class KeyMaker {

    /** A key, and the values of its template's placeholders. */
    record Made(Template template, String key, List<@Nullable String> values) {

        /** The values of other placeholders, all of which are the template's too. */
        List<@Nullable String> values(List<Placeholder> wanted) {
            List<@Nullable String> some = new ArrayList<>(wanted.size());
            List<Placeholder> own = template.placeholders();
            for (Placeholder placeholder : wanted) {
                some.add(values.get(own.indexOf(placeholder)));
            }
            return some;
        }
    }

    private final List<Template> templates;

    KeyMaker(List<Template> templates) {
        this.templates = templates;
    }

    /** The keys of the row on one side of a change; none if it has no such row. */
    Map<String, Made> keys(RowChange change, Side side) {
        Map<String, Made> keys = new LinkedHashMap<>();
        for (Template template : templates) {
            String key = template.key(change, side);
            if (key != null) {
                keys.put(key, new Made(template, key, template.sql().values(change, side)));
            }
        }
        return keys;
    }

    /** The keys of the row before and of the row after. */
    Map<String, Made> keys(RowChange change) {
        Map<String, Made> keys = keys(change, Side.OLD);
        keys.putAll(keys(change, Side.NEW));
        return keys;
    }

    /** The keys of a row whose columns have these values. */
    Map<String, Made> keys(Map<String, @Nullable String> row) {
        Map<String, Made> keys = new LinkedHashMap<>();
        for (Template template : templates) {
            List<@Nullable String> values = new ArrayList<>();
            template.placeholders().forEach(p -> values.add(row.get(p.column())));
            String key = template.key(values);
            if (key != null) {
                keys.put(key, new Made(template, key, values));
            }
        }
        return keys;
    }

    /** How the rule made a key; empty if it did not. */
    Optional<Made> made(String key) {
        for (Template template : templates) {
            Optional<Made> made =
                    template.valuesOf(key)
                            .map(values -> new Made(template, key, new ArrayList<>(values)));
            if (made.isPresent()) {
                return made;
            }
        }
        return Optional.empty();
    }

    /** The texts of tags; one with a NULL is left out. */
    static List<String> texts(List<Template> tags, RowChange change, Side side) {
        Set<String> texts = new LinkedHashSet<>();
        for (Template tag : tags) {
            String text = tag.key(change, side);
            if (text != null) {
                texts.add(text);
            }
        }
        return List.copyOf(texts);
    }

    /** The texts of tags of a row; one with a NULL is left out. */
    static List<String> texts(List<Template> tags, Map<String, @Nullable String> row) {
        return List.copyOf(new KeyMaker(tags).keys(row).keySet());
    }

    /** The columns that make keys and tags, in a fixed order. */
    static List<String> columns(CacheSpec spec) {
        return spec.columns().stream().sorted().toList();
    }

    /** A scanned row's values by column. */
    static Map<String, @Nullable String> row(List<String> columns, List<@Nullable String> texts) {
        Map<String, @Nullable String> row = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            row.put(columns.get(i), texts.get(i));
        }
        return row;
    }
}
