package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.wire.Sql;
import dev.walmonitor.source.postgres.wire.WireConnection;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the publication is there before the stream starts (a missing one stops PostgreSQL
 * up to 17, and silently loses changes from 18 on), and that it holds the tables that the rules
 * want.
 */
final class Publication {
    private static final Logger LOG = Logger.getLogger(Publication.class);

    private final SlotOptions options;
    private final Interest interest;

    Publication(SlotOptions options, Interest interest) {
        this.options = options;
        this.interest = interest;
    }

    Future<Void> ensure(WireConnection connection) {
        return connection
                .query(
                        "select puballtables or exists (select 1 from pg_catalog.pg_publication_tables t where t.pubname ="
                                + " p.pubname) and not exists (select 1 from pg_catalog.pg_publication_rel r where r.prpubid = p.oid)"
                                + " from pg_catalog.pg_publication p where pubname = "
                                + options.publicationLiteral())
                .compose(found ->
                        found.rows().isEmpty()
                                ? create(connection)
                                : adapt(
                                        connection,
                                        "t".equals(found.rows().getFirst().getFirst())));
    }

    private Future<Void> create(WireConnection connection) {
        if (!options.manage()) {
            return Future.failedFuture(
                    new ReplicationException(
                            Remedies.slowly(
                                    "publication",
                                    "There is no publication "
                                            + options.publication()
                                            + ", and manage is false.",
                                    "Create it: CREATE PUBLICATION "
                                            + options.quotedPublication()
                                            + " FOR TABLE …")));
        }
        return wanted(connection)
                .compose(tables -> {
                    String forTables = tables.isEmpty() ? "" : " FOR TABLE " + list(tables);
                    LOG.infof(
                            "Creating publication %s for %s",
                            options.publication(), describe(tables));
                    return connection
                            .query(
                                    "CREATE PUBLICATION "
                                            + options.quotedPublication()
                                            + forTables
                                            + " WITH (publish_via_partition_root = true)")
                            .mapEmpty();
                });
    }

    /**
     * @param whole the publication is for all tables, or for whole schemas: then its tables are not
     *     ours to choose
     */
    private Future<Void> adapt(WireConnection connection, boolean whole) {
        if (!options.manage() || whole) {
            return Future.succeededFuture();
        }
        return wanted(connection)
                .compose(wanted ->
                        published(connection)
                                .compose(published -> {
                                    Set<TableName> missing = new LinkedHashSet<>(wanted);
                                    missing.removeAll(published);
                                    Set<TableName> idle = new LinkedHashSet<>(published);
                                    idle.removeAll(wanted);
                                    return alter(connection, "ADD", missing)
                                            .compose(ok -> alter(connection, "DROP", idle));
                                }));
    }

    private Future<Void> alter(WireConnection connection, String verb, Set<TableName> tables) {
        if (tables.isEmpty()) {
            return Future.succeededFuture();
        }
        LOG.infof("Publication %s: %s TABLE %s", options.publication(), verb, describe(tables));
        return connection
                .query(
                        "ALTER PUBLICATION "
                                + options.quotedPublication()
                                + " "
                                + verb
                                + " TABLE "
                                + list(tables))
                .mapEmpty();
    }

    private Future<Set<TableName>> wanted(WireConnection connection) {
        return connection
                .query(Catalogue.RELATIONS)
                .map(result -> {
                    Set<TableName> tables = new LinkedHashSet<>();
                    for (Relation relation : Catalogue.relations(result.rows())) {
                        if (isWanted(relation) && isSafe(relation)) {
                            tables.add(relation.table());
                        }
                    }
                    return tables;
                });
    }

    private boolean isWanted(Relation relation) {
        for (Operation operation : Operation.values()) {
            if (interest.wants(relation, operation)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Once published, a table without an identity would refuse every UPDATE and DELETE of the
     * application.
     */
    private boolean isSafe(Relation relation) {
        boolean safe = relation.columns().stream().anyMatch(column -> column.identity());
        if (!safe) {
            LOG.warnf(
                    "Table %s is not published: it has no primary key and no replica identity, so publishing it would make"
                            + " the application's own UPDATE and DELETE fail. Mend it with: ALTER TABLE %s REPLICA IDENTITY"
                            + " FULL",
                    relation.table(), quoted(relation.table()));
        }
        return safe;
    }

    private Future<Set<TableName>> published(WireConnection connection) {
        return connection
                .query(
                        "select n.nspname, c.relname from pg_catalog.pg_publication_rel r"
                                + " join pg_catalog.pg_publication p on p.oid = r.prpubid"
                                + " join pg_catalog.pg_class c on c.oid = r.prrelid"
                                + " join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                                + " where p.pubname = "
                                + options.publicationLiteral()
                                + " order by 1, 2")
                .map(result -> {
                    Set<TableName> tables = new LinkedHashSet<>();
                    for (List<@Nullable String> row : result.rows()) {
                        tables.add(new TableName(Catalogue.text(row, 0), Catalogue.text(row, 1)));
                    }
                    return tables;
                });
    }

    private static String list(Set<TableName> tables) {
        return tables.stream().map(Publication::quoted).collect(Collectors.joining(", "));
    }

    private static String quoted(TableName table) {
        return Sql.identifier(table.schema()) + "." + Sql.identifier(table.name());
    }

    private static String describe(Set<TableName> tables) {
        List<TableName> some = new ArrayList<>(tables);
        String names =
                some.stream().limit(20).map(TableName::toString).collect(Collectors.joining(", "));
        return some.isEmpty()
                ? "no table yet"
                : some.size() > 20 ? names + " and " + (some.size() - 20) + " more" : names;
    }
}
