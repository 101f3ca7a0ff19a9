package dev.walmonitor.handler.cache;

import dev.walmonitor.handler.Caches;
import dev.walmonitor.rule.Rule;
import java.util.stream.Collectors;

/** A rule makes no such key. */
final class UnknownKeyException extends Caches.UnknownException {
    private static final long serialVersionUID = 1;

    UnknownKeyException(Rule rule, CacheSpec spec) {
        super(
                "Rule \""
                        + rule.name()
                        + "\" makes no such key; its keys look like "
                        + spec.keys().stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(", "))
                        + ".");
    }
}
