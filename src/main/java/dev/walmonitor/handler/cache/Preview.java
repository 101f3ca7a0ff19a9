package dev.walmonitor.handler.cache;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Side;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a cache rule would do about a change, in sentences. */
final class Preview {

    private Preview() {}

    static List<String> of(CacheSpec spec, RowChange change) {
        KeyMaker keys = new KeyMaker(spec.keys());
        List<String> effects = new ArrayList<>();
        if (change instanceof RowChange.Truncate && !spec.isConstant()) {
            effects.add(everything(spec));
            return effects;
        }
        Set<String> now = keys.keys(change, Side.NEW).keySet();
        Set<String> gone = new LinkedHashSet<>(keys.keys(change, Side.OLD).keySet());
        gone.removeAll(now);
        switch (spec.form()) {
            case CacheSpec.Form.Answer answer ->
                    keys.keys(change)
                            .keySet()
                            .forEach(key -> effects.add("refresh " + key + " by its query"));
            case CacheSpec.Form.TheRow row -> {
                now.forEach(key -> effects.add("write the row to " + key));
                gone.forEach(key -> effects.add("remove " + key));
            }
            case CacheSpec.Form.Nothing nothing -> {
                keys.keys(change).keySet().forEach(key -> effects.add("evict " + key));
                Set<String> tags =
                        new LinkedHashSet<>(KeyMaker.texts(spec.tags(), change, Side.OLD));
                tags.addAll(KeyMaker.texts(spec.tags(), change, Side.NEW));
                tags.forEach(tag -> effects.add("evict every key with the tag " + tag));
            }
        }
        return effects;
    }

    private static String everything(CacheSpec spec) {
        return switch (spec.form()) {
            case CacheSpec.Form.Answer a -> "refresh every key of the rule";
            case CacheSpec.Form.TheRow r -> "remove every key of the rule";
            case CacheSpec.Form.Nothing n -> "evict every key of the rule";
        };
    }
}
