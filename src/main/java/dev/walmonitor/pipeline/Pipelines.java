package dev.walmonitor.pipeline;

import dev.walmonitor.source.LogGauges;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.List;

/** The running pipelines, one a source. May be asked from any thread. */
public interface Pipelines {

    List<PipelineStatus> statuses();

    /**
     * Emits whenever a source enters another state or fails another way; never ends; may be
     * subscribed to at any time.
     */
    Multi<PipelineStatus> changes();

    /** Fails with an {@link IllegalArgumentException} if there is no source of that name. */
    Uni<LogGauges> gauges(String source);

    /**
     * Each change that a handler has done, as it is done; nothing is kept for those who subscribe
     * late.
     */
    Multi<HandledChange> handled();
}
