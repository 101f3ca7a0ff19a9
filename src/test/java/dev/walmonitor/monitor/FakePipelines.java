package dev.walmonitor.monitor;

import dev.walmonitor.change.Lsn;
import dev.walmonitor.change.Position;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.pipeline.Barrier;
import dev.walmonitor.pipeline.HandledChange;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.pipeline.RuleStanding;
import dev.walmonitor.source.Blocked;
import dev.walmonitor.source.Broadcast;
import dev.walmonitor.source.Consent;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceProfile;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Two made-up sources, {@code shop} and {@code stock}, of which the second is never started. */
@Alternative
@Singleton
public class FakePipelines implements Pipelines {
    public static final String SHOP = "shop";
    public static final String STOCK = "stock";

    private final Map<String, Statuses> statuses = new ConcurrentSkipListMap<>();
    private final Map<String, LogGauges> gauges = new ConcurrentHashMap<>();
    private final Broadcast<PipelineStatus> changes = new Broadcast<>();
    private final Map<String, RuleStanding> rules = new ConcurrentSkipListMap<>();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile Barrier answer = new Barrier.Applied(Lsn.ZERO);
    private volatile String asked = "";
    private volatile Consent consented = new Consent.Refused("Nobody asked for it.", null);
    private volatile @Nullable Blocked blocked;

    FakePipelines() {
        statuses.put(SHOP, Statuses.streaming(SHOP));
    }

    /** Without an application. */
    public static FakePipelines empty() {
        return new FakePipelines();
    }

    /** Puts the source into another state, which everybody is told of. */
    public void set(Statuses status) {
        statuses.put(status.source(), status);
        changes.tell(status.now());
    }

    /** Puts the source into another state, which only those see who look. */
    public void setSilently(Statuses status) {
        statuses.put(status.source(), status);
    }

    /** As before it was started. */
    public void forget(String source) {
        statuses.remove(source);
        gauges.remove(source);
    }

    public void set(String source, LogGauges sample) {
        gauges.put(source, sample);
    }

    @Override
    public List<SourceProfile> sources() {
        return List.of(
                new SourceProfile(SHOP, "postgresql", "shop_slot"),
                new SourceProfile(STOCK, "postgresql", null));
    }

    @Override
    public List<PipelineStatus> statuses() {
        return statuses.values().stream().map(Statuses::now).toList();
    }

    @Override
    public Multi<PipelineStatus> changes() {
        return changes.news();
    }

    @Override
    public Uni<LogGauges> gauges(String source) {
        LogGauges sample = gauges.get(source);
        return sample == null
                ? Uni.createFrom().failure(new IllegalStateException("cannot be asked"))
                : Uni.createFrom().item(sample);
    }

    /** What the next barrier answers, whatever it is asked. */
    public void answer(Barrier barrier) {
        answer = barrier;
    }

    /** What the last barrier was asked. */
    public String asked() {
        return asked;
    }

    @Override
    public Uni<Barrier> barrier(
            String source, @Nullable Position place, @Nullable String rule, Duration atMost) {
        asked = source + " " + place + " " + rule + " " + atMost;
        return Uni.createFrom().item(answer);
    }

    @Override
    public List<RuleStanding> rules() {
        return List.copyOf(rules.values());
    }

    @Override
    public boolean pause(String source, String rule, String why) {
        return told(source, rule, "pause " + why);
    }

    @Override
    public boolean resume(String source, String rule) {
        return told(source, rule, "resume");
    }

    @Override
    public boolean pauseSource(String source, String why) {
        told.add(source + " pause " + why);
        return statuses.containsKey(source);
    }

    @Override
    public boolean resumeSource(String source) {
        told.add(source + " resume");
        return statuses.containsKey(source);
    }

    /** Cannot be read past. */
    public void block(@Nullable Blocked unit) {
        blocked = unit;
    }

    @Override
    public @Nullable Blocked blocked(String source) {
        return blocked;
    }

    @Override
    public Uni<Consent> skip(String source, @Nullable Long xid, @Nullable Position commit) {
        Blocked unit = blocked;
        return Uni.createFrom()
                .item(
                        unit != null && unit.is(xid, commit)
                                ? new Consent.Given("Transaction " + unit + " is passed over.")
                                : new Consent.Refused("That is not what blocks.", "Name it."));
    }

    @Override
    public Uni<Consent> reset(String source, String why) {
        return Uni.createFrom().item(new Consent.Refused("Slot shop_slot is active.", null));
    }

    /** What the next one who wants a slot given up is answered. */
    public void answer(Consent consent) {
        consented = consent;
    }

    @Override
    public void hurry(String source) {
        // nothing is confirmed here
    }

    @Override
    public Uni<Consent> giveUp(String source, String why) {
        told.add(source + " give up: " + why);
        return Uni.createFrom().item(consented);
    }

    @Override
    public boolean parkedChanged(String source, String rule) {
        return told(source, rule, "look");
    }

    @Override
    public Uni<Void> replay(String source, String rule, List<RowChange> changes) {
        return Uni.createFrom()
                .item(() -> {
                    var _ =
                            told(
                                    source,
                                    rule,
                                    "replay "
                                            + changes.stream()
                                                    .map(change -> change.id().toString())
                                                    .toList());
                    return null;
                });
    }

    /** What was said to rules, in order. */
    public List<String> told() {
        return told;
    }

    /** A rule runs here. */
    public void run(RuleStanding rule) {
        rules.put(rule.rule(), rule);
    }

    /** No rule runs here any more. */
    public void stopRules() {
        rules.clear();
    }

    private boolean told(String source, String rule, String what) {
        told.add(source + " " + rule + " " + what);
        return rules.containsKey(rule);
    }

    @Override
    public Multi<HandledChange> handled() {
        return Multi.createFrom().nothing();
    }
}
