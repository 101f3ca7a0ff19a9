package dev.walmonitor.handler.notify;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.rule.Needs;
import dev.walmonitor.rule.Side;
import dev.walmonitor.rule.Template;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.sql.Queries;
import dev.walmonitor.sink.sql.Query;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whom a rule tells. */
sealed interface Recipients {

    /** The columns of a query that say something of a person. */
    List<String> COLUMNS = List.of("name", "email", "slack", "teams", "locale");

    Pattern SELECT =
            Pattern.compile("\\s*(select|with)\\s.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** Names or addresses, as they stand in the rule or in columns; what is NULL is nobody. */
    record Named(List<Template> names) implements Recipients {}

    /** The rows of a query. */
    record Asked(Template.Sql sql) implements Recipients {
        Query query() {
            return new Query(sql.fragments());
        }
    }

    /** Whoever reads the channel. */
    enum Anybody implements Recipients {
        ANYBODY
    }

    /**
     * Reads {@code to}.
     *
     * @throws IllegalArgumentException if a template in it is malformed
     */
    static Recipients parse(String to) {
        if (to.isBlank()) {
            return Anybody.ANYBODY;
        }
        if (SELECT.matcher(to).matches()) {
            return new Asked(Template.parse(to).sql());
        }
        List<Template> names = new ArrayList<>();
        for (String name : to.split(",", -1)) {
            if (!name.isBlank()) {
                names.add(Template.parse(name.strip()));
            }
        }
        return new Named(List.copyOf(names));
    }

    /** The columns of the changed table that are read. */
    default Needs needs() {
        return switch (this) {
            case Named named ->
                    Needs.of(
                            named.names().stream()
                                    .flatMap(name -> name.placeholders().stream())
                                    .toList());
            case Asked asked -> Needs.of(asked.sql().parameters());
            case Anybody anybody -> Needs.NOTHING;
        };
    }

    /**
     * Those whom a change concerns, each once; one more than {@code most} if there are more.
     *
     * @param most as many at most, from 1
     */
    default Uni<Set<Recipient>> of(RowChange change, Queries queries, int most) {
        return switch (this) {
            case Named named -> Uni.createFrom().item(() -> named(named.names(), change));
            case Asked asked ->
                    Uni.createFrom()
                            .deferred(() ->
                                    queries.rows(
                                            asked.query().limited(most + 1),
                                            asked.sql().values(change, Side.there(change))))
                            .map(Recipients::people);
            case Anybody anybody -> Uni.createFrom().item(Set.of(Recipient.ANYBODY));
        };
    }

    /** Those that a change names. */
    static Set<Recipient> named(List<Template> names, RowChange change) {
        Set<Recipient> people = new LinkedHashSet<>();
        for (Template template : names) {
            String name = template.text(change, Side.there(change));
            if (name != null && !name.isBlank()) {
                people.add(
                        name.indexOf('@') > 0
                                ? new Recipient(null, name, null, null, null)
                                : new Recipient(name, null, null, null, null));
            }
        }
        return people;
    }

    private static Set<Recipient> people(List<JsonObject> rows) {
        Set<Recipient> people = new LinkedHashSet<>();
        for (JsonObject row : rows) {
            Recipient one =
                    new Recipient(
                            text(row, "name"),
                            text(row, "email"),
                            text(row, "slack"),
                            text(row, "teams"),
                            text(row, "locale"));
            if (!one.equals(Recipient.ANYBODY)) {
                people.add(one);
            }
        }
        return people;
    }

    private static @Nullable String text(JsonObject row, String column) {
        return Objects.toString(row.getValue(column), null);
    }
}
