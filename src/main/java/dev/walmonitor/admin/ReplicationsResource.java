package dev.walmonitor.admin;

import dev.walmonitor.monitor.LagSamples;
import dev.walmonitor.monitor.budget.Budgets;
import dev.walmonitor.pipeline.PipelineStatus;
import dev.walmonitor.pipeline.Pipelines;
import dev.walmonitor.source.SourceProfile;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The replication of all sources of this instance, without the monitor database. */
@Path("/api/v1/replication")
@Tag(name = "Replication")
class ReplicationsResource {
    private final Pipelines pipelines;
    private final LagSamples samples;
    private final Budgets budgets;

    ReplicationsResource(Pipelines pipelines, LagSamples samples, Budgets budgets) {
        this.pipelines = pipelines;
        this.samples = samples;
        this.budgets = budgets;
    }

    @GET
    @Operation(summary = "How every source of this instance stands at this moment, by name")
    public List<ReplicationView> all() {
        Map<String, PipelineStatus> started =
                pipelines.statuses().stream()
                        .collect(
                                Collectors.toMap(
                                        status -> status.source().source(), Function.identity()));
        return pipelines.sources().stream()
                .map(SourceProfile::name)
                .sorted()
                .map(name -> view(name, started))
                .toList();
    }

    private ReplicationView view(String name, Map<String, PipelineStatus> started) {
        PipelineStatus status = started.get(name);
        return status == null
                ? ReplicationView.notStarted(name)
                : ReplicationView.of(
                        status,
                        samples.latest(name),
                        pipelines.blocked(name),
                        budgets.standing(name));
    }
}
