package dev.walmonitor.handler.stream;

import dev.walmonitor.handler.stream.StreamRules.StreamConfig;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.redis.CacheKeys;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The stream of a rule.
 *
 * @param maxLength about how many entries it keeps
 */
record StreamSpec(String key, long maxLength) {
    private static final String DEFAULT_LENGTH = "100000";
    private static final long LONGEST = 1_000_000_000;

    /** The rule's words as a spec; null if there is a fault. */
    static @Nullable StreamSpec read(Rule rule, Optional<StreamConfig> config, List<Fault> faults) {
        int before = faults.size();
        Reader reader = new Reader(rule, faults);
        String key = reader.key(config.flatMap(StreamConfig::key).orElse("").strip());
        long length =
                reader.length(
                        config.flatMap(StreamConfig::maxLength).orElse(DEFAULT_LENGTH).strip());
        return faults.size() > before ? null : new StreamSpec(key, length);
    }

    private record Reader(Rule rule, List<Fault> faults) {

        private String key(String text) {
            if (text.isEmpty()) {
                fault("stream.key is missing;", "write the stream's key, such as changes:orders.");
                return text;
            }
            try {
                Optional<String> key = Template.parse(text).constant();
                if (key.isEmpty()) {
                    fault(
                            "stream.key differs from row to row;",
                            "write a key without placeholders: a stream holds the changes of all rows.");
                } else if (CacheKeys.isTorn(key.get())) {
                    fault(
                            "stream.key has a brace that is no part of a hash tag;",
                            "leave it out, or write a tag such as {{orders}}.");
                }
                return key.orElse(text);
            } catch (IllegalArgumentException e) {
                fault("stream.key cannot be read:", e.getMessage() + ".");
                return text;
            }
        }

        private long length(String text) {
            long length = text.matches("\\d{1,10}") ? Long.parseLong(text) : 0;
            if (length < 1 || length > LONGEST) {
                fault(
                        "stream.max-length is \"" + text + "\";",
                        "write how many entries are kept, from 1 to " + LONGEST + ".");
            }
            return length;
        }

        private void fault(String what, String fix) {
            faults.add(new Fault(rule.name(), what, fix));
        }
    }
}
