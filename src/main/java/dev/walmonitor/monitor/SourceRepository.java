package dev.walmonitor.monitor;

import dev.walmonitor.source.SourceProfile;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
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

    /** Takes an id only where there is no such row. */
    private static final String ADD =
            """
            WITH there AS (SELECT * FROM wal_monitor.sources WHERE name = $1),
            added AS (
                INSERT INTO wal_monitor.sources AS s (name, kind) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM there)
                ON CONFLICT (name) DO UPDATE SET name = excluded.name
                RETURNING s.*, s.xmax = 0 AS created)
            SELECT *, false AS created FROM there UNION ALL SELECT * FROM added
            """;

    private static final String DELETE =
            "DELETE FROM wal_monitor.sources WHERE id = $1 RETURNING id";

    private static final String ALL = "SELECT " + COLUMNS + " FROM wal_monitor.sources ORDER BY id";
    private static final String BY_ID =
            "SELECT " + COLUMNS + " FROM wal_monitor.sources WHERE id = :key";
    private static final String BY_NAME =
            "SELECT " + COLUMNS + " FROM wal_monitor.sources WHERE name = :key";

    private final Pool pool;

    SourceRepository(Pool pool) {
        this.pool = pool;
    }

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
     * A source that somebody else watches.
     *
     * @param created whether it was not known before
     */
    public record Added(Source source, boolean created) {}

    /** Makes a source known that somebody else watches; one that is known stays as it is. */
    public Uni<Added> add(String name, String kind) {
        return pool.preparedQuery(ADD)
                .execute(Tuple.of(name, kind))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new Added(Source.of(row), row.getBoolean("created"));
                });
    }

    /**
     * Forgets a source, and with it all that is known of it.
     *
     * @return whether there was one
     */
    public Uni<Boolean> delete(int id) {
        return pool.preparedQuery(DELETE).execute(Tuple.of(id)).map(rows -> rows.rowCount() > 0);
    }

    /**
     * @param nameOrId digits are an id, anything else is a name
     */
    @WithSession
    public Uni<Optional<Source>> get(String nameOrId) {
        // PostgreSQL has no text with the character NUL, and refuses to look for it.
        return nameOrId.indexOf(0) >= 0 ? Uni.createFrom().item(Optional.empty()) : look(nameOrId);
    }

    private Uni<Optional<Source>> look(String nameOrId) {
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
