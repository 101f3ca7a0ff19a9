package dev.walmonitor.handler.notify;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.sql.Queries;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Shows the messages of a rule instead of sending them. */
record NotifyPreview(NotifySpec spec, Supplier<Queries> queries) {

    /** One sentence a message, with the message behind it. */
    Uni<List<String>> of(RowChange change) {
        return people(change)
                .onItem()
                .transformToMulti(people -> Multi.createFrom().iterable(people))
                .onItem()
                .transformToUniAndConcatenate(
                        to -> spec.message().message(RowMap.of(change), to).map(this::sentence))
                .collect()
                .asList()
                .map(sentences -> sentences.isEmpty() ? List.of("would tell nobody.") : sentences);
    }

    /**
     * Without a database, whom a query would name is not known; the message is shown all the same.
     */
    private Uni<Set<Recipient>> people(RowChange change) {
        return switch (spec.to()) {
            case Recipients.Asked asked ->
                    Uni.createFrom()
                            .deferred(() -> asked.of(change, queries.get()))
                            .onFailure()
                            .recoverWithItem(failure ->
                                    Set.of(
                                            new Recipient(
                                                    "whom the query names (it cannot be asked: "
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

    private String sentence(Message message) {
        String channels =
                spec.channels().stream().map(Channel::name).collect(Collectors.joining(", "));
        String to = message.to().label();
        return "would tell "
                + (to.isEmpty() ? "whoever reads it" : to)
                + " by "
                + channels
                + ": "
                + message.title()
                + (message.body().isEmpty() ? "" : "\n" + message.body());
    }
}
