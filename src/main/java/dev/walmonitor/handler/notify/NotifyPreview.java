package dev.walmonitor.handler.notify;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.notify.MessageTemplate.Draft;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.Wording;
import dev.walmonitor.sink.sql.Queries;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Shows the messages of a rule instead of sending them. */
record NotifyPreview(NotifySpec spec, Supplier<Queries> queries) {
    private static final String UNKNOWN = "whom the query names";

    /** One sentence a message, with the message behind it. */
    Uni<List<String>> of(RowChange change) {
        return facts(change)
                .chain(facts ->
                        people(change)
                                .onItem()
                                .transformToMulti(people -> Multi.createFrom().iterable(people))
                                .select()
                                .first(spec.most())
                                .onItem()
                                .transformToUniAndConcatenate(to ->
                                        spec.message()
                                                .message(facts, to)
                                                .map(draft -> sentence(change, draft)))
                                .collect()
                                .asList())
                .map(sentences -> sentences.isEmpty() ? List.of("would tell nobody.") : sentences);
    }

    private Uni<Facts> facts(RowChange change) {
        return spec.enrich()
                .map(query ->
                        Uni.createFrom()
                                .deferred(() -> query.of(change, queries.get()))
                                .onFailure()
                                .recoverWithItem(() -> unknown(change)))
                .orElseGet(() -> Uni.createFrom().item(() -> Facts.of(change)));
    }

    /** Without a database, what the change is enriched by shows as its name. */
    private Facts unknown(RowChange change) {
        Map<String, @Nullable Object> columns = new HashMap<>();
        spec.message().enriched().forEach(name -> columns.put(name, "(enrich." + name + ")"));
        return Facts.of(change).with(Enrichment.NAME, columns);
    }

    /**
     * Without a database, whom a query would name is not known; the message is shown all the same.
     */
    private Uni<Set<Recipient>> people(RowChange change) {
        return switch (spec.to()) {
            case Recipients.Asked asked ->
                    Uni.createFrom()
                            .deferred(() -> asked.of(change, queries.get(), spec.most()))
                            .onFailure()
                            .recoverWithItem(failure ->
                                    Set.of(
                                            new Recipient(
                                                    UNKNOWN
                                                            + " (it cannot be asked: "
                                                            + failure.getMessage()
                                                            + ")",
                                                    null,
                                                    null,
                                                    null,
                                                    null)));
            case Recipients.Named named ->
                    Uni.createFrom().item(() -> Recipients.named(named.names(), change));
            case Recipients.Anybody anybody -> Uni.createFrom().item(Set.of(Recipient.ANYBODY));
        };
    }

    private String sentence(RowChange change, Draft draft) {
        Message message = draft.message();
        String label = message.to().label();
        String whom = label.isEmpty() ? "whoever reads it" : label;
        boolean known = !(spec.to() instanceof Recipients.Asked) || isKnown(message.to());
        Route route =
                known ? Route.of(spec.channels(), message.to()) : new Route(spec.channels(), "");
        if (route.channels().isEmpty()) {
            return "would not tell " + whom + ": " + route.why() + ".";
        }
        return "would tell "
                + whom
                + " by "
                + route.channels().stream().map(Channel::name).collect(Collectors.joining(", "))
                + conditions(change)
                + ": "
                + message.title()
                + (message.body().isEmpty() ? "" : "\n" + message.body())
                + Wording.link(message.link()).map(link -> "\n" + link).orElse("");
    }

    /** Of whom a query names without a database, nothing but words of ours. */
    private static boolean isKnown(Recipient to) {
        return to.name() == null || !to.name().startsWith(UNKNOWN);
    }

    private String conditions(RowChange change) {
        List<String> conditions = new ArrayList<>();
        Storm storm = spec.storm();
        switch (storm.digest()) {
            case Storm.Digest.Never never -> {}
            case Storm.Digest.Within within ->
                    conditions.add("with all others of " + text(within.time()));
            case Storm.Digest.Transaction transaction ->
                    conditions.add("with all others of its transaction");
        }
        storm.dedupe()
                .ifPresent(
                        time -> conditions.add("unless it was told the same within " + text(time)));
        storm.reverted()
                .filter(held -> storm.move(change).isPresent())
                .ifPresent(held ->
                        conditions.add("unless it is set back within " + text(held.within())));
        storm.quiet().ifPresent(quiet -> conditions.add("but not from " + quiet));
        return conditions.isEmpty() ? "" : " (" + String.join(", ", conditions) + ")";
    }

    private static String text(Duration time) {
        return time.toSeconds() > 0 && time.toNanosPart() == 0
                ? time.toSeconds() + " s"
                : time.toMillis() + " ms";
    }
}
