package dev.walmonitor.handler.archive;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeArchive.Archived;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.json.ChangeEnvelope;
import io.smallrye.mutiny.Uni;
import java.util.Set;

/** Keeps each change of a rule; done when it is durable. Thread-safe. */
final class ArchiveHandler implements ChangeHandler {
    private static final HandlerResult ARCHIVED = HandlerResult.of("archived");

    private final String rule;
    private final ChangeEnvelope envelope;
    private final GroupedWrites writes;

    ArchiveHandler(String rule, ChangeEnvelope envelope, GroupedWrites writes) {
        this.rule = rule;
        this.envelope = envelope;
        this.writes = writes;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return envelope.render(change, Set.of())
                .chain(json -> writes.add(new Archived(rule, change, json)))
                .replaceWith(ARCHIVED);
    }

    /** Each stands for itself, with its position; the more come at once, the fewer the writes. */
    @Override
    public boolean ordered() {
        return false;
    }
}
