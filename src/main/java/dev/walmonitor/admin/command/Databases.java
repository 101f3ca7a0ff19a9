package dev.walmonitor.admin.command;

import dev.walmonitor.admin.ConfiguredSources;
import dev.walmonitor.change.Relation;
import dev.walmonitor.source.ChangeSource;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;

/** Asks the configured databases, each over a connection of its own. Waits for the answer. */
@Singleton
class Databases {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ConfiguredSources sources;
    private final VertxInternal vertx;

    Databases(ConfiguredSources sources, Vertx vertx) {
        this.sources = sources;
        this.vertx = (VertxInternal) vertx;
    }

    /** The sources that have a URL. */
    List<String> names() {
        return sources.names();
    }

    /** What is wrong with the others; that none is configured is not wrong here. */
    List<String> faults() {
        return sources.areNone() ? List.of() : sources.faults();
    }

    /**
     * The tables that a source's database has.
     *
     * @throws RuntimeException if it cannot be asked; the message says why
     */
    List<Relation> tables(String name) {
        ChangeSource source = sources.create(name, vertx.createEventLoopContext());
        Uni<List<Relation>> tables = source.relations();
        try {
            return tables.await().atMost(PATIENCE);
        } finally {
            source.close().await().atMost(PATIENCE);
        }
    }
}
