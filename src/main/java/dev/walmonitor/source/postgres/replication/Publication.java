package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.wire.Sql;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the publication is there before the stream starts (a missing one stops PostgreSQL
 * up to 17, and silently loses changes from 18 on), and that it holds the tables that the rules
 * want. Owned by the source's event loop.
 */
final class Publication {
    private static final Logger LOG = Logger.getLogger(Publication.class);
    private static final int GENERATED_COLUMNS = 180_000;

    private final SlotOptions options;
    private final Interest interest;
    private final Remedies remedies;
    private final Set<TableName> warned = new HashSet<>();

    Publication(SlotOptions options, Interest interest, Remedies remedies) {
        this.options = options;
        this.interest = interest;
        this.remedies = remedies;
    }

    /**
     * Makes the publication, or adds what it lacks and drops what nobody wants any more, where it
     * may.
     *
     * @return the tables whose changes come from now on and did not before
     */
    Future<Set<TableName>> ensure(Database database, Server server) {
        return database.query(
                        "select puballtables or exists (select 1 from pg_catalog.pg_publication_tables t where t.pubname ="
                                + " p.pubname) and not exists (select 1 from pg_catalog.pg_publication_rel r where r.prpubid = p.oid)"
                                + " from pg_catalog.pg_publication p where pubname = "
                                + options.publicationLiteral())
                .compose(found ->
                        found.rows().isEmpty()
                                ? create(database, server)
                                : adapt(database, "t".equals(found.rows().getFirst().getFirst())))
                .compose(added -> checkPartitions(database).map(added));
    }

    /** Fails if the publication is not there. */
    Future<Void> check(Database database) {
        return database.query(
                        "select 1 from pg_catalog.pg_publication where pubname = "
                                + options.publicationLiteral())
                .compose(found ->
                        found.rows().isEmpty()
                                ? Future.failedFuture(
                                        new ReplicationException(remedies.publicationMissing()))
                                : Future.succeededFuture());
    }

    /** In what the publication differs from what the rules want, a sentence each. */
    Future<List<String>> drift(Database database) {
        return relations(database)
                .compose(tables ->
                        database.query(PublicationDrift.publication(options.publicationLiteral()))
                                .compose(published ->
                                        database.query(
                                                        PublicationDrift.tables(
                                                                options.publicationLiteral()))
                                                .map(listed ->
                                                        new PublicationDrift(
                                                                        options.publication(),
                                                                        interest,
                                                                        published,
                                                                        listed)
                                                                .sentences(tables))));
    }

    /** Generated columns are published where that is known: they may be part of an identity. */
    private static String options(Server server) {
        return server.version() < GENERATED_COLUMNS
                ? "publish_via_partition_root = true"
                : "publish_via_partition_root = true, publish_generated_columns = stored";
    }

    private Future<Set<TableName>> create(Database database, Server server) {
        if (!options.manage()) {
            return Future.failedFuture(new ReplicationException(remedies.publicationMissing()));
        }
        return wanted(database)
                .compose(tables -> {
                    String forTables = tables.isEmpty() ? "" : " FOR TABLE " + list(tables);
                    LOG.infof(
                            "Creating publication %s for %s",
                            options.publication(), describe(tables));
                    return database.query(
                                    "CREATE PUBLICATION "
                                            + options.quotedPublication()
                                            + forTables
                                            + " WITH ("
                                            + options(server)
                                            + ")")
                            .map(tables);
                });
    }

    /**
     * @param whole the publication is for all tables, or for whole schemas: then its tables are not
     *     ours to choose
     */
    private Future<Set<TableName>> adapt(Database database, boolean whole) {
        if (!options.manage() || whole) {
            return Future.succeededFuture(Set.of());
        }
        return wanted(database)
                .compose(wanted ->
                        published(database)
                                .compose(published -> {
                                    Set<TableName> missing = new LinkedHashSet<>(wanted);
                                    missing.removeAll(published);
                                    Set<TableName> idle = new LinkedHashSet<>(published);
                                    idle.removeAll(wanted);
                                    return alter(database, "ADD", missing)
                                            .compose(ok -> alter(database, "DROP", idle))
                                            .map(missing);
                                }));
    }

    private Future<Void> alter(Database database, String verb, Set<TableName> tables) {
        if (tables.isEmpty()) {
            return Future.succeededFuture();
        }
        LOG.infof("Publication %s: %s TABLE %s", options.publication(), verb, describe(tables));
        return database.query(
                        "ALTER PUBLICATION "
                                + options.quotedPublication()
                                + " "
                                + verb
                                + " TABLE "
                                + list(tables))
                .mapEmpty();
    }

    private Future<List<Relation>> relations(Database database) {
        return database.query(Catalogue.RELATIONS)
                .map(result -> Catalogue.relations(result.rows()));
    }

    private Future<Set<TableName>> wanted(Database database) {
        return relations(database)
                .compose(relations ->
                        database.query(Catalogue.generatedIdentities(options.publicationLiteral()))
                                .map(result -> wanted(relations, generated(result.rows()))));
    }

    private Set<TableName> wanted(List<Relation> relations, Map<TableName, String> generated) {
        Set<TableName> tables = new LinkedHashSet<>();
        for (Relation relation : relations) {
            if (isWanted(relation) && isSafe(relation, generated.get(relation.table()))) {
                tables.add(relation.table());
            }
        }
        return tables;
    }

    private static Map<TableName, String> generated(List<List<@Nullable String>> rows) {
        Map<TableName, String> generated = new HashMap<>();
        for (List<@Nullable String> row : rows) {
            generated.put(
                    new TableName(Catalogue.text(row, 0), Catalogue.text(row, 1)),
                    Catalogue.text(row, 2));
        }
        return generated;
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
    private boolean isSafe(Relation relation, @Nullable String generated) {
        boolean identified = relation.columns().stream().anyMatch(column -> column.identity());
        if (!identified && warned.add(relation.table())) {
            LOG.warnf(
                    "Table %s is not published: it has no primary key and no replica identity, so publishing it would make"
                            + " the application's own UPDATE and DELETE fail. Mend it with: ALTER TABLE %s REPLICA IDENTITY"
                            + " FULL",
                    relation.table(), quoted(relation.table()));
        }
        if (generated != null && warned.add(relation.table())) {
            LOG.warnf(
                    "Table %s is not published: its replica identity has generated columns (%s) that are not published, so"
                            + " publishing it would make the application's own UPDATE and DELETE fail. Mend it with: ALTER"
                            + " TABLE %s REPLICA IDENTITY DEFAULT (old values are then not sent)",
                    relation.table(), generated, quoted(relation.table()));
        }
        return identified && generated == null;
    }

    /**
     * A partition that is published as its root is described by the root's replica identity, but
     * its old rows come by its own: what is not sent would be taken for NULL.
     */
    private Future<Void> checkPartitions(Database database) {
        return database.query(Catalogue.partitionsApart(options.publicationLiteral()))
                .map(result -> {
                    for (List<@Nullable String> row : result.rows()) {
                        throw new ReplicationException(
                                remedies.partitionApart(
                                        new TableName(
                                                Catalogue.text(row, 0), Catalogue.text(row, 1)),
                                        new TableName(
                                                Catalogue.text(row, 2), Catalogue.text(row, 3))));
                    }
                    return null;
                });
    }

    private Future<Set<TableName>> published(Database database) {
        return database.query(
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

    static String quoted(TableName table) {
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
