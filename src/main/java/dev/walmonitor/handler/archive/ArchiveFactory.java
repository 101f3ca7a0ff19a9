package dev.walmonitor.handler.archive;

import dev.walmonitor.change.Relation;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ActionFactory;
import dev.walmonitor.handler.ChangeArchive;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.archive.ArchiveRules.ArchiveRule;
import dev.walmonitor.handler.json.Envelopes;
import dev.walmonitor.rule.Fault;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.rule.RulesText;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the handlers of the action {@code archive}. */
@Singleton
final class ArchiveFactory implements ActionFactory {
    private final Map<String, ArchiveRule> config;
    private final Supplier<ChangeArchive> archive;
    private final Envelopes envelopes;
    private final Duration standard;
    private final int batch;
    private final MeterRegistry registry;

    /** Of the rules that archive here, by their names. */
    private final Map<String, Duration> retention = new ConcurrentHashMap<>();

    @Inject
    ArchiveFactory(
            RulesText rules,
            Instance<ChangeArchive> archive,
            Envelopes envelopes,
            ArchiveConfig common,
            MeterRegistry registry) {
        this(rules, archive::get, envelopes, common.retention(), common.batch(), registry);
    }

    /**
     * @param archive asked for when it is needed
     * @param standard how long changes are kept of which their rule says nothing else
     * @param batch how many changes of a source are written together
     */
    ArchiveFactory(
            RulesText rules,
            Supplier<ChangeArchive> archive,
            Envelopes envelopes,
            Duration standard,
            int batch,
            MeterRegistry registry) {
        this.config = rules.read(ArchiveRules.class, ArchiveRules::rules);
        this.archive = archive;
        this.envelopes = envelopes;
        this.standard = standard;
        this.batch = batch;
        this.registry = registry;
    }

    @Override
    public String action() {
        return "archive";
    }

    @Override
    public Class<?> settings() {
        return ArchiveRules.class;
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
        ArchiveSpec spec = read(rule, faults);
        if (spec == null) {
            throw new IllegalArgumentException(faults.getFirst().message());
        }
        retention.put(rule.name(), spec.retention());
        DistributionSummary sizes =
                DistributionSummary.builder("wal_monitor_archive_batch_size")
                        .description("How many changes were written into the archive together")
                        .tag("source", rule.source())
                        .tag("rule", rule.name())
                        .register(registry);
        return new ArchiveHandler(
                rule.name(),
                envelopes.of(rule.source()),
                new GroupedWrites(archive.get(), batch, sizes));
    }

    /** How long the changes of each rule are kept that archives here. */
    Map<String, Duration> retention() {
        return Map.copyOf(retention);
    }

    @Override
    public Uni<List<String>> preview(Rule rule, RowChange change) {
        List<Fault> faults = new ArrayList<>();
        ArchiveSpec spec = read(rule, faults);
        if (spec == null) {
            return Uni.createFrom().item(faults.stream().map(Fault::message).toList());
        }
        return envelopes
                .of(rule.source())
                .render(change, Set.of())
                .map(json ->
                        List.of("would keep for " + spec.retention().toDays() + " days:\n" + json));
    }

    private @Nullable ArchiveSpec read(Rule rule, List<Fault> faults) {
        return ArchiveSpec.read(
                rule,
                Optional.ofNullable(config.get(rule.name())).flatMap(ArchiveRule::action),
                standard,
                faults);
    }
}
