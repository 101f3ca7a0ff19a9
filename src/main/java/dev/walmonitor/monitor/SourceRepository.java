package dev.walmonitor.monitor;

import dev.walmonitor.source.SourceProfile;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code sources}. Called on a context of its own: {@link MonitorDatabase#ask}. All
 * queries are SQL: the first one in Hibernate's own language would hold its event loop for as long
 * as the parser takes to load.
 */
@Singleton
public class SourceRepository implements PanacheRepositoryBase<Source, Integer> {
    /** By name, because a newer build may have added columns that this one does not know. */
    private static final String COLUMNS =
            "id, name, kind, slot, watermark, watermark_at, created_at";

    private static final String REGISTER =
            """
            INSERT INTO wal_monitor.sources AS s (name, kind, slot) VALUES (:name, :kind, :slot)
            ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, slot = excluded.slot,
                updated_at = CASE WHEN (s.kind, s.slot) IS DISTINCT FROM (excluded.kind, excluded.slot)
                                  THEN now() ELSE s.updated_at END
            RETURNING \
            """
                    + COLUMNS;

    private static final String ALL = "SELECT " + COLUMNS + " FROM wal_monitor.sources ORDER BY id";
    private static final String BY_ID =
            "SELECT " + COLUMNS + " FROM wal_monitor.sources WHERE id = :key";
    private static final String BY_NAME =
            "SELECT " + COLUMNS + " FROM wal_monitor.sources WHERE name = :key";

    /** Makes the source known under its name; the same row comes back the next time. */
    @WithTransaction
    public Uni<Source> register(SourceProfile profile) {
        return getSession()
                .chain(session ->
                        session.createNativeQuery(REGISTER, Source.class)
                                .setParameter("name", profile.name())
                                .setParameter("kind", profile.kind())
                                .setParameter("slot", profile.slot())
                                .getSingleResult());
    }

    /**
     * @param nameOrId digits are an id, anything else is a name
     */
    @WithSession
    public Uni<Optional<Source>> get(String nameOrId) {
        return getSession()
                .chain(session ->
                        session.createNativeQuery(isId(nameOrId) ? BY_ID : BY_NAME, Source.class)
                                .setParameter(
                                        "key",
                                        isId(nameOrId) ? Integer.valueOf(nameOrId) : nameOrId)
                                .getSingleResultOrNull())
                .map(Optional::ofNullable);
    }

    @WithSession
    public Uni<List<Source>> getAll() {
        return getSession()
                .chain(session -> session.createNativeQuery(ALL, Source.class).getResultList());
    }

    /** Whether the text stands for an id: digits, and not more than an id can have. */
    public static boolean isId(String text) {
        return text.matches("[0-9]{1,9}");
    }
}
