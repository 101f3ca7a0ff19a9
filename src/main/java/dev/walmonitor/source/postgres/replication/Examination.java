package dev.walmonitor.source.postgres.replication;

import dev.walmonitor.change.Operation;
import dev.walmonitor.change.Relation;
import dev.walmonitor.change.TableName;
import dev.walmonitor.source.Finding;
import dev.walmonitor.source.Interest;
import dev.walmonitor.source.postgres.wire.QueryResult;
import dev.walmonitor.source.postgres.wire.WireException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a database for whatever keeps a stream from running, or will one day. One question after
 * the other; one that is refused is a finding too. Changes nothing. Used once, by one caller.
 */
final class Examination {
    /** With a fault about one of these it need not be tried whether a stream could connect. */
    static final Set<String> FORBIDS_STREAMS = Set.of("version", "role", "max_wal_senders");

    private final SlotOptions options;
    private final Interest interest;
    private final Database database;
    private final ServerHealth.Ages ages;
    private final List<Finding> findings = new ArrayList<>();
    private List<Relation> wanted = List.of();

    Examination(SlotOptions options, Interest interest, Database database, ServerHealth.Ages ages) {
        this.options = options;
        this.interest = interest;
        this.database = database;
        this.ages = ages;
    }

    /** The findings, the worst first. */
    Future<List<Finding>> findings() {
        return look("settings", ServerHealth.SETTINGS, this::settings)
                .compose(ok -> look("role", ServerHealth.ROLE, this::role))
                .compose(ok -> look("slot", SlotHealth.own(options), this::slot))
                .compose(ok -> look("slots", SlotHealth.others(options), this::others))
                .compose(ok -> look("transactions", ServerHealth.open(ages), this::open))
                .compose(ok -> look("transactions", ServerHealth.HIDDEN, this::hidden))
                .compose(ok ->
                        look("prepared transactions", ServerHealth.prepared(ages), this::prepared))
                .compose(ok -> look("tables", Catalogue.RELATIONS, this::tables))
                .compose(ok -> look("publication", publication(), this::operations))
                .compose(ok -> look("rights", TableHealth.RIGHTS, this::rights))
                .compose(ok -> look("identity", identities(), this::identities))
                .compose(ok -> look("identity", generated(), this::generated))
                .compose(ok -> look("partitions", partitions(), this::partitions))
                .compose(ok -> look("large values", TableHealth.LARGE, this::large))
                .map(ok ->
                        findings.stream()
                                .distinct()
                                .sorted((a, b) -> a.severity().compareTo(b.severity()))
                                .toList());
    }

    private Future<Void> look(String about, String sql, Function<QueryResult, Future<Void>> read) {
        return database.query(sql)
                .compose(read)
                .recover(failure -> {
                    if (!(failure instanceof WireException.ServerError)) {
                        return Future.failedFuture(failure);
                    }
                    findings.add(
                            Finding.remark(
                                    about,
                                    "It could not be looked at: " + failure.getMessage() + ".",
                                    ""));
                    return Future.succeededFuture();
                });
    }

    private Future<Void> settings(QueryResult answer) {
        findings.addAll(ServerHealth.settings(answer, options));
        return Future.succeededFuture();
    }

    private Future<Void> role(QueryResult answer) {
        findings.addAll(ServerHealth.role(answer, options));
        return Future.succeededFuture();
    }

    private Future<Void> slot(QueryResult answer) {
        findings.addAll(SlotHealth.own(answer, options));
        return Future.succeededFuture();
    }

    private Future<Void> others(QueryResult answer) {
        findings.addAll(SlotHealth.others(answer));
        return Future.succeededFuture();
    }

    private Future<Void> open(QueryResult answer) {
        findings.addAll(ServerHealth.open(answer));
        return Future.succeededFuture();
    }

    private Future<Void> hidden(QueryResult answer) {
        findings.addAll(ServerHealth.hidden(answer));
        return Future.succeededFuture();
    }

    private Future<Void> prepared(QueryResult answer) {
        findings.addAll(ServerHealth.prepared(answer));
        return Future.succeededFuture();
    }

    private Future<Void> tables(QueryResult answer) {
        wanted =
                Catalogue.relations(answer.rows()).stream()
                        .filter(table ->
                                Arrays.stream(Operation.values())
                                        .anyMatch(o -> interest.wants(table, o)))
                        .toList();
        return Future.succeededFuture();
    }

    private String publication() {
        return PublicationDrift.publication(options.publicationLiteral());
    }

    /** What the publication gives at all; then, if it is there, of which tables. */
    private Future<Void> operations(QueryResult answer) {
        PublicationHealth health = new PublicationHealth(options, interest, wanted);
        if (answer.rows().isEmpty()) {
            findings.add(health.missing());
            return Future.succeededFuture();
        }
        findings.addAll(health.operations(answer.rows().getFirst()));
        return look(
                "publication",
                PublicationDrift.tables(options.publicationLiteral()),
                listed -> {
                    findings.addAll(health.tables(listed));
                    return Future.succeededFuture();
                });
    }

    private Future<Void> rights(QueryResult answer) {
        eachWanted(
                answer,
                (table, row) -> findings.addAll(TableHealth.rights(table.table(), row, options)));
        return Future.succeededFuture();
    }

    private String identities() {
        return TableHealth.identities(options.publicationLiteral());
    }

    private Future<Void> identities(QueryResult answer) {
        for (List<@Nullable String> row : answer.rows()) {
            findings.add(TableHealth.harmful(name(row), options));
        }
        Set<TableName> harmful =
                answer.rows().stream().map(Examination::name).collect(Collectors.toSet());
        wanted.stream()
                .filter(table -> table.columns().stream().noneMatch(column -> column.identity()))
                .filter(table -> !harmful.contains(table.table()))
                .map(table -> TableHealth.withoutIdentity(table.table()))
                .forEach(findings::add);
        return Future.succeededFuture();
    }

    private String generated() {
        return Catalogue.generatedIdentities(options.publicationLiteral());
    }

    private Future<Void> generated(QueryResult answer) {
        eachWanted(
                answer,
                (table, row) ->
                        findings.add(TableHealth.generated(table.table(), Catalogue.text(row, 2))));
        return Future.succeededFuture();
    }

    private String partitions() {
        return Catalogue.partitionsApart(options.publicationLiteral());
    }

    private Future<Void> partitions(QueryResult answer) {
        for (List<@Nullable String> row : answer.rows()) {
            findings.add(
                    TableHealth.partition(
                            name(row),
                            new TableName(Catalogue.text(row, 2), Catalogue.text(row, 3))));
        }
        return Future.succeededFuture();
    }

    private Future<Void> large(QueryResult answer) {
        eachWanted(
                answer,
                (table, row) -> {
                    if (interest.wants(table, Operation.UPDATE)) {
                        findings.add(TableHealth.large(table.table(), Catalogue.text(row, 2)));
                    }
                });
        return Future.succeededFuture();
    }

    /** Rows whose first two columns name a table that a rule wants. */
    private void eachWanted(QueryResult answer, BiConsumer<Relation, List<@Nullable String>> what) {
        for (List<@Nullable String> row : answer.rows()) {
            wanted.stream()
                    .filter(table -> table.table().equals(name(row)))
                    .forEach(table -> what.accept(table, row));
        }
    }

    private static TableName name(List<@Nullable String> row) {
        return new TableName(Catalogue.text(row, 0), Catalogue.text(row, 1));
    }
}
