package dev.walmonitor.monitor;

import dev.walmonitor.pipeline.HandledChange;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.Broadcast;
import dev.walmonitor.source.LogGauges;
import dev.walmonitor.source.SourceProfile;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Two made-up sources, {@code shop} and {@code stock}, of which the second is never started. */
@Alternative
@Singleton
public class FakePipelines implements Pipelines {
    public static final String SHOP = "shop";
    public static final String STOCK = "stock";

    private final Map<String, Statuses> statuses = new ConcurrentSkipListMap<>();
    private final Map<String, LogGauges> gauges = new ConcurrentHashMap<>();
    private final Broadcast<PipelineStatus> changes = new Broadcast<>();

    FakePipelines() {
        statuses.put(SHOP, Statuses.streaming(SHOP));
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

    @Override
    public Multi<HandledChange> handled() {
        return Multi.createFrom().nothing();
    }
}
