package dev.walmonitor.handler.cache;

import dev.walmonitor.handler.cache.CacheRules.CacheConfig;
import dev.walmonitor.handler.cache.CacheSpec.Form;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.redis.CacheKeys;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a spec of a rule's words. What is wrong with them becomes faults. */
final class SpecReader {
    private static final Duration SHORTEST_TTL = Duration.ofSeconds(1);
    private static final Duration FENCE_TTL = Duration.ofHours(24);
    private static final List<String> FORMS = List.of("query", "row", "evict");

    private final Rule rule;
    private final Optional<CacheConfig> config;
    private final List<Fault> faults;

    private SpecReader(Rule rule, Optional<CacheConfig> config, List<Fault> faults) {
        this.rule = rule;
        this.config = config;
        this.faults = faults;
    }

    /** The rule's words as a spec; null if there is a fault. */
    static @Nullable CacheSpec read(Rule rule, Optional<CacheConfig> config, List<Fault> faults) {
        int before = faults.size();
        CacheSpec spec = new SpecReader(rule, config, faults).read();
        return faults.size() > before ? null : spec;
    }

    private @Nullable CacheSpec read() {
        List<Template> tags = templates("cache.tags", config.flatMap(CacheConfig::tags));
        String value = config.flatMap(CacheConfig::value).orElse("query");
        if (!FORMS.contains(value)) {
            fault("cache.value is \"" + value + "\";", Nearest.hint(value, FORMS));
            return null;
        }
        List<Template> keys = keys(value.equals("evict") && !tags.isEmpty());
        Form form =
                switch (value) {
                    case "row" -> row(keys);
                    case "evict" -> nothing();
                    default -> answer(keys);
                };
        Duration ttl = duration("cache.ttl", config.flatMap(CacheConfig::ttl), null);
        Duration fence =
                duration("cache.fence-ttl", config.flatMap(CacheConfig::fenceTtl), FENCE_TTL);
        boolean warm = flag("cache.warm", config.flatMap(CacheConfig::warm), true);
        return form == null || fence == null
                ? null
                : new CacheSpec(form, keys, ttl, fence, tags, warm);
    }

    private List<Template> keys(boolean mayBeNone) {
        List<String> texts = new ArrayList<>(config.flatMap(CacheConfig::keys).orElse(List.of()));
        config.flatMap(CacheConfig::key).filter(key -> !key.isBlank()).ifPresent(texts::add);
        if (texts.isEmpty() && !mayBeNone) {
            fault(
                    "cache.key is missing;",
                    "a cache needs a key and a query, or a key and value: row or value: evict.");
        }
        List<Template> keys = templates("cache.key", Optional.of(texts));
        keys.forEach(this::checkKey);
        return keys;
    }

    private void checkKey(Template key) {
        key.faultAsKey()
                .ifPresent(why ->
                        fault(
                                "cache.key would not tell rows apart: " + why + ";",
                                "put a \":\" between them."));
        List<String> samples = key.placeholders().stream().map(p -> "x").toList();
        String sample = key.key(samples);
        if (sample != null && CacheKeys.isTorn(sample)) {
            fault(
                    "cache.key has a brace that belongs to no hash tag;",
                    "leave it out, or write {{…}} around the part that chooses a cluster's slot.");
        }
    }

    private List<Template> templates(String name, Optional<List<String>> texts) {
        List<Template> templates = new ArrayList<>();
        for (String text : texts.orElse(List.of())) {
            try {
                templates.add(Template.parse(text));
            } catch (IllegalArgumentException e) {
                fault(name + " cannot be read:", e.getMessage() + ".");
            }
        }
        return templates;
    }

    private @Nullable Form row(List<Template> keys) {
        forbidden("cache.query", config.flatMap(CacheConfig::query), "a row needs none");
        forbidden("cache.single", config.flatMap(CacheConfig::single), "a row is one object");
        for (Template key : keys) {
            if (key.isConstant()) {
                fault(
                        "cache.key is the same for every row;",
                        "name the columns that tell rows apart, for example listing:{id}.");
            }
            key.placeholders().stream()
                    .filter(Template.Placeholder::before)
                    .findFirst()
                    .ifPresent(before ->
                            fault(
                                    "cache.key uses " + before + ";",
                                    "a row is kept under its own columns: write {"
                                            + before.column()
                                            + "}."));
        }
        return new Form.TheRow();
    }

    private @Nullable Form nothing() {
        forbidden("cache.query", config.flatMap(CacheConfig::query), "nothing is read to evict");
        forbidden("cache.single", config.flatMap(CacheConfig::single), "nothing is read to evict");
        forbidden("cache.ttl", config.flatMap(CacheConfig::ttl), "nothing is kept");
        return new Form.Nothing();
    }

    private void forbidden(String name, Optional<String> text, String why) {
        if (text.isPresent()) {
            fault(name + " is given;", why + ": leave it out.");
        }
    }

    private @Nullable Form answer(List<Template> keys) {
        Optional<String> text = config.flatMap(CacheConfig::query);
        if (text.isEmpty() || text.get().isBlank()) {
            fault(
                    "cache.query is missing;",
                    "a cache needs a key and a query, or a key and value: row or value: evict.");
            return null;
        }
        List<Template> queries = templates("cache.query", text.map(List::of));
        if (queries.isEmpty()) {
            return null;
        }
        Template query = queries.getFirst();
        for (Template key : keys) {
            List<Template.Placeholder> foreign = new ArrayList<>(query.placeholders());
            foreign.removeAll(key.placeholders());
            if (!foreign.isEmpty()) {
                fault(
                        "cache.query uses " + foreign.getFirst() + ", which is not in cache.key;",
                        "put it into the key too, as one key holds the answer to one query.");
            }
        }
        return new Form.Answer(
                query.sql(), flag("cache.single", config.flatMap(CacheConfig::single), false));
    }

    private @Nullable Duration duration(
            String name, Optional<String> text, @Nullable Duration otherwise) {
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            Duration time = DurationConverter.parseDuration(text.get());
            if (time.compareTo(SHORTEST_TTL) < 0) {
                fault(name + " is " + text.get() + ";", "it has to be a second or more.");
            }
            return time;
        } catch (IllegalArgumentException e) {
            fault(
                    name + " is no duration: \"" + text.get() + "\".",
                    "Write one such as 30s or 24h.");
            return otherwise;
        }
    }

    private boolean flag(String name, Optional<String> text, boolean otherwise) {
        return switch (text.orElse(String.valueOf(otherwise))) {
            case "true" -> true;
            case "false" -> false;
            default -> {
                fault(name + " is \"" + text.orElse("") + "\";", "write true or false.");
                yield otherwise;
            }
        };
    }

    private void fault(String what, String fix) {
        faults.add(new Fault(rule.name(), what, fix));
    }
}
