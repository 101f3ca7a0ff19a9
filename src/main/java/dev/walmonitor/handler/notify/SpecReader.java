package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.notify.NotifyRules.NotifyConfig;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.Channel;
import io.quarkus.qute.Engine;
import io.quarkus.qute.TemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what a rule says of channels, people and texts; what is wrong becomes faults. */
record SpecReader(Rule rule, Engine engine, List<Fault> faults) {
    private static final int DEFAULT_MOST = 1_000;
    private static final int HIGHEST_MOST = 100_000;

    List<Channel> channels(List<String> names, Map<String, Channel> known) {
        List<Channel> channels = new ArrayList<>();
        for (String name : names) {
            Channel channel = known.get(name.strip());
            if (channel == null) {
                fault("there is no channel \"" + name + "\";", Nearest.hint(name, known.keySet()));
            } else {
                channel.fault().ifPresent(why -> fault("it cannot use a channel:", why));
                channels.add(channel);
            }
        }
        if (names.isEmpty()) {
            fault(
                    "notify.channels is missing;",
                    "name one or more of " + String.join(", ", known.keySet()) + ".");
        }
        return channels;
    }

    @Nullable Recipients recipients(String to) {
        try {
            return Recipients.parse(to);
        } catch (IllegalArgumentException e) {
            fault("notify.to cannot be read:", e.getMessage() + ".");
            return null;
        }
    }

    int most(Optional<String> text) {
        String number = text.map(String::strip).orElse(Integer.toString(DEFAULT_MOST));
        if (number.matches("[1-9]\\d{0,5}") && Integer.parseInt(number) <= HIGHEST_MOST) {
            return Integer.parseInt(number);
        }
        fault(
                "notify.max-recipients is \"" + number + "\";",
                "write a number from 1 to " + HIGHEST_MOST + ".");
        return DEFAULT_MOST;
    }

    Optional<Enrichment> enrichment(Optional<String> text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (!Recipients.SELECT.matcher(text.get()).matches()) {
            fault("notify.enrich is no query;", "write a SELECT of one row.");
            return Optional.empty();
        }
        try {
            return Optional.of(new Enrichment(rule.name(), Template.parse(text.get()).sql()));
        } catch (IllegalArgumentException e) {
            fault("notify.enrich cannot be read:", e.getMessage() + ".");
            return Optional.empty();
        }
    }

    @Nullable MessageTemplate message(Optional<NotifyConfig> config) {
        Optional<String> title = config.flatMap(NotifyConfig::title);
        if (title.isEmpty() || title.get().isBlank()) {
            fault("notify.title is missing;", "write what the message is about.");
            return null;
        }
        try {
            return new MessageTemplate(
                    engine,
                    rule.name(),
                    new MessageTemplate.Texts(
                            title.get(),
                            config.flatMap(NotifyConfig::body).orElse(""),
                            config.flatMap(NotifyConfig::link).orElse(null),
                            config.flatMap(NotifyConfig::dedupeKey).orElse(null)));
        } catch (TemplateException e) {
            fault("a template cannot be read:", e.getMessage() + ".");
            return null;
        }
    }

    @Nullable DigestText digest(Optional<String> title) {
        try {
            return title.map(text -> DigestText.of(engine, rule.name(), text))
                    .orElse(DigestText.DEFAULT);
        } catch (TemplateException e) {
            fault("a template cannot be read:", e.getMessage() + ".");
            return null;
        }
    }

    void fault(String what, String fix) {
        faults.add(new Fault(rule.name(), what, fix));
    }
}
