package dev.walmonitor.handler.notify;

import dev.walmonitor.change.Operation;
import dev.walmonitor.handler.notify.NotifyRules.NotifyConfig;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Nearest;
import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.Channel;
import io.quarkus.qute.Engine;
import io.quarkus.qute.TemplateException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a notify rule tells, to whom and by which ways. */
record NotifySpec(List<Channel> channels, Recipients to, MessageTemplate message) {

    /**
     * The rule's words as a spec; null if there is a fault.
     *
     * @param channels all there are, by name
     */
    static @Nullable NotifySpec read(
            Rule rule,
            Optional<NotifyConfig> config,
            Map<String, Channel> channels,
            Engine engine,
            List<Fault> faults) {
        int before = faults.size();
        Reader reader = new Reader(rule, faults);
        List<Channel> ways =
                reader.channels(config.flatMap(NotifyConfig::channels).orElse(List.of()), channels);
        Recipients to = reader.recipients(config.flatMap(NotifyConfig::to).orElse(""));
        MessageTemplate message =
                reader.message(
                        engine,
                        config.flatMap(NotifyConfig::title),
                        config.flatMap(NotifyConfig::body).orElse(""));
        if (to == null || message == null || faults.size() > before) {
            return null;
        }
        NotifySpec spec = new NotifySpec(ways, to, message);
        if (!spec.needs().isEmpty() && rule.filter().events().contains(Operation.TRUNCATE)) {
            reader.fault(
                    "it tells of a row, and TRUNCATE has none;",
                    "write events, of insert, update and delete.");
        }
        return spec;
    }

    Needs needs() {
        return to.needs().and(message.needs());
    }

    private record Reader(Rule rule, List<Fault> faults) {

        private List<Channel> channels(List<String> names, Map<String, Channel> known) {
            List<Channel> channels = new ArrayList<>();
            for (String name : names) {
                Channel channel = known.get(name.strip());
                if (channel == null) {
                    fault(
                            "there is no channel \"" + name + "\";",
                            Nearest.hint(name, known.keySet()));
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

        private @Nullable Recipients recipients(String to) {
            try {
                return Recipients.parse(to);
            } catch (IllegalArgumentException e) {
                fault("notify.to cannot be read:", e.getMessage() + ".");
                return null;
            }
        }

        private @Nullable MessageTemplate message(
                Engine engine, Optional<String> title, String body) {
            if (title.isEmpty() || title.get().isBlank()) {
                fault("notify.title is missing;", "write what the message is about.");
                return null;
            }
            try {
                return new MessageTemplate(engine, rule.name(), title.get(), body);
            } catch (TemplateException e) {
                fault("a template cannot be read:", e.getMessage() + ".");
                return null;
            }
        }

        private void fault(String what, String fix) {
            faults.add(new Fault(rule.name(), what, fix));
        }
    }
}
