package dev.walmonitor.handler.webhook;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ActionFactory;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.json.ChangeEnvelope;
import dev.walmonitor.handler.json.Envelopes;
import dev.walmonitor.handler.webhook.WebhookRules.WebhookRule;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesText;
import dev.walmonitor.sink.http.HttpSink;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the handlers of the action {@code webhook}. */
@Singleton
final class WebhookFactory implements ActionFactory {
    private final Map<String, WebhookRule> config;
    private final HttpSink http;
    private final Envelopes envelopes;
    private final MeterRegistry registry;

    WebhookFactory(RulesText rules, HttpSink http, Envelopes envelopes, MeterRegistry registry) {
        this.config = rules.read(WebhookRules.class, WebhookRules::rules);
        this.http = http;
        this.envelopes = envelopes;
        this.registry = registry;
    }

    @Override
    public String action() {
        return "webhook";
    }

    @Override
    public Class<?> settings() {
        return WebhookRules.class;
    }

    @Override
    public Uni<List<Fault>> check(Rule rule, List<Relation> tables) {
        return Uni.createFrom()
                .deferred(() -> {
                    List<Fault> faults = new ArrayList<>();
                    WebhookSpec spec = read(rule, faults);
                    if (spec == null) {
                        return Uni.createFrom().item(faults);
                    }
                    return http.refusal(spec.url())
                            .map(refusal -> {
                                refusal.ifPresent(why ->
                                        faults.add(
                                                new Fault(
                                                        rule.name(),
                                                        "webhook.url cannot be used:",
                                                        why)));
                                return faults;
                            });
                });
    }

    @Override
    public ChangeHandler create(Rule rule) {
        List<Fault> faults = new ArrayList<>();
        WebhookSpec spec = read(rule, faults);
        if (spec == null) {
            throw new IllegalArgumentException(faults.getFirst().message());
        }
        return new WebhookHandler(
                rule,
                spec,
                http.place(spec.url(), spec.timeout()),
                envelopes.of(rule.source()),
                InstantSource.system(),
                new WebhookMeters(registry, rule));
    }

    @Override
    public Uni<List<String>> preview(Rule rule, RowChange change) {
        return Uni.createFrom()
                .deferred(() -> {
                    List<Fault> faults = new ArrayList<>();
                    WebhookSpec spec = read(rule, faults);
                    if (spec == null) {
                        return Uni.createFrom().item(faults.stream().map(Fault::message).toList());
                    }
                    return envelopes
                            .of(rule.source())
                            .render(change, ChangeEnvelope.marks(change))
                            .map(body ->
                                    List.of(
                                            "would post to "
                                                    + spec.url().getHost()
                                                    + ":\n"
                                                    + body));
                });
    }

    private @Nullable WebhookSpec read(Rule rule, List<Fault> faults) {
        Optional<WebhookRules.WebhookConfig> own =
                Optional.ofNullable(config.get(rule.name())).flatMap(WebhookRule::action);
        return WebhookSpec.read(rule, own, faults);
    }
}
