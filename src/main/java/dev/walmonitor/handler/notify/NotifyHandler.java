package dev.walmonitor.handler.notify;

import dev.walmonitor.change.ChangeId;
import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.sql.Queries;
import io.smallrye.mutiny.CompositeException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells everybody whom a change concerns, through every channel of the rule. Thread-safe.
 *
 * <p>At least once: when one of several deliveries fails, the change is tried again as a whole, and
 * what was delivered before is remembered until it succeeds, so that nobody is told twice by this
 * process. A crash in between forgets it. One channel that is down does not hold up another; on the
 * one that is down, only the first message is tried each time.
 */
final class NotifyHandler implements ChangeHandler {

    private record Delivery(String channel, Recipient to) {}

    private final NotifySpec spec;
    private final Queries queries;
    private final Map<ChangeId, Set<Delivery>> halfDone = new ConcurrentHashMap<>();

    NotifyHandler(NotifySpec spec, Queries queries) {
        this.spec = spec;
        this.queries = queries;
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return spec.to()
                .of(change, queries)
                .chain(people -> messages(change, people))
                .chain(messages -> deliver(change.id(), messages));
    }

    private Uni<List<Message>> messages(RowChange change, Collection<Recipient> people) {
        Map<String, @Nullable Object> data = RowMap.of(change);
        return Multi.createFrom()
                .iterable(people)
                .onItem()
                .transformToUniAndConcatenate(to -> spec.message().message(data, to))
                .collect()
                .asList();
    }

    private Uni<HandlerResult> deliver(ChangeId change, List<Message> messages) {
        HandlerResult result =
                HandlerResult.of("notified")
                        .with("recipients", messages.size())
                        .with(
                                "channels",
                                spec.channels().stream()
                                        .map(Channel::name)
                                        .collect(Collectors.joining(",")));
        if (messages.isEmpty()) {
            return Uni.createFrom().item(result);
        }
        Set<Delivery> delivered =
                halfDone.computeIfAbsent(change, c -> ConcurrentHashMap.newKeySet());
        List<Uni<Void>> channels = new ArrayList<>();
        spec.channels().forEach(channel -> channels.add(deliver(channel, messages, delivered)));
        return Uni.join()
                .all(channels)
                .andCollectFailures()
                .onFailure()
                .transform(NotifyHandler::first)
                .invoke(() -> halfDone.remove(change))
                .replaceWith(result);
    }

    private static Uni<Void> deliver(
            Channel channel, List<Message> messages, Set<Delivery> delivered) {
        return Multi.createFrom()
                .iterable(messages)
                .filter(message -> !delivered.contains(delivery(channel, message)))
                .onItem()
                .transformToUniAndConcatenate(message ->
                        channel.send(message)
                                .invoke(() -> delivered.add(delivery(channel, message))))
                .onItem()
                .ignoreAsUni();
    }

    private static Delivery delivery(Channel channel, Message message) {
        return new Delivery(channel.name(), message.to());
    }

    /** One sentence is enough: the others are told when this one is mended. */
    private static Throwable first(Throwable failure) {
        return failure instanceof CompositeException several
                ? several.getCauses().getFirst()
                : failure;
    }
}
