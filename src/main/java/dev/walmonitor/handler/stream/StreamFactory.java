package dev.walmonitor.handler.stream;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ActionFactory;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.json.ChangeEnvelope;
import dev.walmonitor.handler.json.Envelopes;
import dev.walmonitor.handler.stream.StreamRules.StreamRule;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesText;
import dev.walmonitor.sink.redis.StreamStore;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the handlers of the action {@code stream}. */
@Singleton
final class StreamFactory implements ActionFactory {
    private final Map<String, StreamRule> config;
    private final StreamStore streams;
    private final Envelopes envelopes;

    StreamFactory(RulesText rules, StreamStore streams, Envelopes envelopes) {
        this.config = rules.read(StreamRules.class, StreamRules::rules);
        this.streams = streams;
        this.envelopes = envelopes;
    }

    @Override
    public String action() {
        return "stream";
    }

    @Override
    public Class<?> settings() {
        return StreamRules.class;
    }

    @Override
    public Uni<List<Fault>> check(Rule rule, List<Relation> tables) {
        return Uni.createFrom()
                .item(() -> {
                    List<Fault> faults = new ArrayList<>();
                    var _ = read(rule, faults);
                    return faults;
                });
    }

    @Override
    public ChangeHandler create(Rule rule) {
        List<Fault> faults = new ArrayList<>();
        StreamSpec spec = read(rule, faults);
        if (spec == null) {
            throw new IllegalArgumentException(faults.getFirst().message());
        }
        return new StreamHandler(spec, streams, envelopes.of(rule.source()));
    }

    @Override
    public Uni<List<String>> preview(Rule rule, RowChange change) {
        List<Fault> faults = new ArrayList<>();
        StreamSpec spec = read(rule, faults);
        if (spec == null) {
            return Uni.createFrom().item(faults.stream().map(Fault::message).toList());
        }
        return envelopes
                .of(rule.source())
                .render(change, ChangeEnvelope.marks(change))
                .map(json -> List.of("would append to the stream " + spec.key() + ":\n" + json));
    }

    private @Nullable StreamSpec read(Rule rule, List<Fault> faults) {
        Optional<StreamRules.StreamConfig> own =
                Optional.ofNullable(config.get(rule.name())).flatMap(StreamRule::action);
        return StreamSpec.read(rule, own, faults);
    }
}
