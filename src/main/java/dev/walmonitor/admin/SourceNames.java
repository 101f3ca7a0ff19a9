package dev.walmonitor.admin;

import dev.walmonitor.monitor.MonitorDatabase;
import dev.walmonitor.monitor.SourceRepository;
import dev.walmonitor.pipeline.Pipelines;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.Optional;

/**
 * The name of the source that somebody means, by its name or its id. The monitor database is asked
 * only about ids.
 */
@Singleton
class SourceNames {
    private final Pipelines pipelines;
    private final MonitorDatabase database;
    private final SourceRepository sources;

    SourceNames(Pipelines pipelines, MonitorDatabase database, SourceRepository sources) {
        this.pipelines = pipelines;
        this.database = database;
        this.sources = sources;
    }

    /** Fails with 404 if there is no source of that id; a name is taken as it is. */
    Uni<String> known(String nameOrId) {
        return name(nameOrId).map(name -> name.orElseThrow(() -> Problems.unknownSource(nameOrId)));
    }

    /** Fails with 404 if no source of that name or id is configured here. */
    Uni<String> configured(String nameOrId) {
        return name(nameOrId)
                .map(name -> name.filter(this::isConfigured))
                .map(name -> name.orElseThrow(() -> Problems.unknownSource(nameOrId)));
    }

    private boolean isConfigured(String name) {
        return pipelines.sources().stream().anyMatch(profile -> profile.name().equals(name));
    }

    private Uni<Optional<String>> name(String nameOrId) {
        return SourceRepository.isId(nameOrId)
                ? database.ask(() -> sources.get(nameOrId)).map(found -> found.map(row -> row.name))
                : Uni.createFrom().item(Optional.of(nameOrId));
    }
}
