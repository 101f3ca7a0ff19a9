package dev.walmonitor.handler.notify;

import dev.walmonitor.change.Operation;
import dev.walmonitor.handler.notify.NotifyRules.NotifyConfig;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.Channel;
import io.quarkus.qute.Engine;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a notify rule tells, to whom and by which ways.
 *
 * @param most how many people one change is told to
 */
record NotifySpec(
        List<Channel> channels,
        Recipients to,
        int most,
        Optional<Enrichment> enrich,
        MessageTemplate message,
        Storm storm,
        DigestText digest) {

    NotifySpec {
        channels = List.copyOf(channels);
    }

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
        SpecReader reader = new SpecReader(rule, engine, faults);
        List<Channel> ways =
                reader.channels(config.flatMap(NotifyConfig::channels).orElse(List.of()), channels);
        Recipients to = reader.recipients(config.flatMap(NotifyConfig::to).orElse(""));
        int most = reader.most(config.flatMap(NotifyConfig::maxRecipients));
        Optional<Enrichment> enrich = reader.enrichment(config.flatMap(NotifyConfig::enrich));
        MessageTemplate message = reader.message(config);
        Set<String> told = message == null ? Set.of() : columns(message.needs());
        Storm storm = new StormReader(rule, faults).read(config, told);
        DigestText digest = reader.digest(config.flatMap(NotifyConfig::digestTitle));
        if (to == null || message == null || digest == null || faults.size() > before) {
            return null;
        }
        NotifySpec spec = new NotifySpec(ways, to, most, enrich, message, storm, digest);
        if (!spec.needs().isEmpty() && rule.filter().events().contains(Operation.TRUNCATE)) {
            reader.fault(
                    "it tells of a row, and TRUNCATE has none;",
                    "write events, of insert, update and delete.");
        }
        if (!message.enriched().isEmpty() && enrich.isEmpty()) {
            reader.fault(
                    "a template reads enrich." + message.enriched().iterator().next() + ";",
                    "write the query of notify.enrich, or take it out.");
        }
        return faults.size() > before ? null : spec;
    }

    private static Set<String> columns(Needs needs) {
        Set<String> all = new TreeSet<>(needs.there());
        all.addAll(needs.before());
        return all;
    }

    Needs needs() {
        Needs needs = to.needs().and(message.needs());
        return enrich.map(query -> needs.and(query.needs())).orElse(needs);
    }
}
