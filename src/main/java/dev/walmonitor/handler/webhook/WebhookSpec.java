package dev.walmonitor.handler.webhook;

import dev.walmonitor.handler.webhook.WebhookRules.WebhookConfig;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import io.quarkus.runtime.configuration.DurationConverter;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a webhook rule sends changes, and how.
 *
 * @param headers by name; may hold secrets
 */
record WebhookSpec(URI url, Signer signer, Map<String, String> headers, Duration timeout) {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /** What {@code webhook-id} and its like are made of, and what the client sets itself. */
    private static final Set<String> OURS =
            Set.of(
                    "webhook-id",
                    "webhook-timestamp",
                    "webhook-signature",
                    "content-type",
                    "content-length",
                    "transfer-encoding",
                    "connection",
                    "host",
                    "expect",
                    "upgrade");

    /** The rule's words as a spec; null if there is a fault. No fault quotes a secret. */
    static @Nullable WebhookSpec read(
            Rule rule, Optional<WebhookConfig> config, List<Fault> faults) {
        int before = faults.size();
        Reader reader = new Reader(rule, faults);
        URI url = reader.url(config.flatMap(WebhookConfig::url).orElse("").strip());
        Signer signer = reader.signer(config.flatMap(WebhookConfig::secrets).orElse(List.of()));
        Map<String, String> headers =
                reader.headers(config.flatMap(WebhookConfig::headers).orElse(List.of()));
        Duration timeout = reader.timeout(config.flatMap(WebhookConfig::timeout));
        return url == null || signer == null || faults.size() > before
                ? null
                : new WebhookSpec(url, signer, headers, timeout);
    }

    @Override
    public String toString() {
        return "webhook to " + url.getHost();
    }

    private record Reader(Rule rule, List<Fault> faults) {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
        private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7E\\t]*");

        private @Nullable URI url(String text) {
            if (text.isEmpty()) {
                fault(
                        "webhook.url is missing;",
                        "write where to, such as https://hooks.example.org/changes.");
                return null;
            }
            try {
                return new URI(text);
            } catch (URISyntaxException e) { // its message quotes the address, a secret perhaps
                fault(
                        "webhook.url is no URL: "
                                + e.getReason()
                                + " at character "
                                + (e.getIndex() + 1)
                                + ".",
                        "Write one such as https://hooks.example.org/changes.");
                return null;
            }
        }

        private @Nullable Signer signer(List<String> secrets) {
            String fix = "Make one with: echo whsec_$(openssl rand -base64 32)";
            if (secrets.isEmpty()) {
                fault("webhook.secrets is missing: requests are signed.", fix);
                return null;
            }
            try {
                return Signer.of(secrets);
            } catch (IllegalArgumentException e) {
                fault("webhook.secrets cannot be used: " + e.getMessage() + ".", fix);
                return null;
            }
        }

        private Map<String, String> headers(List<String> lines) {
            Map<String, String> headers = new LinkedHashMap<>();
            for (int i = 0; i < lines.size(); i++) {
                int colon = lines.get(i).indexOf(':');
                String name = colon < 0 ? "" : lines.get(i).substring(0, colon).strip();
                String value = lines.get(i).substring(colon + 1).strip();
                if (!NAME.matcher(name).matches() || !VALUE.matcher(value).matches()) {
                    fault(
                            "webhook.headers[" + i + "] is no header;",
                            "write one such as \"Authorization: Bearer ${TOKEN}\", in ASCII.");
                } else if (OURS.contains(name.toLowerCase(Locale.ROOT))) {
                    fault(
                            "webhook.headers[" + i + "] sets " + name + ", which is set already;",
                            "leave it out.");
                } else if (headers.put(name.toLowerCase(Locale.ROOT), value) != null) {
                    fault("webhook.headers sets " + name + " twice;", "leave one out.");
                }
            }
            return headers;
        }

        private Duration timeout(Optional<String> text) {
            try {
                Duration timeout = text.map(DurationConverter::parseDuration).orElse(TIMEOUT);
                if (timeout.compareTo(SHORTEST) >= 0 && timeout.compareTo(LONGEST) <= 0) {
                    return timeout;
                }
            } catch (IllegalArgumentException e) {
                // told below
            }
            fault(
                    "webhook.timeout is \"" + text.orElse("") + "\";",
                    "write a duration from 100ms to 5m.");
            return TIMEOUT;
        }

        private void fault(String what, String fix) {
            faults.add(new Fault(rule.name(), what, fix));
        }
    }
}
