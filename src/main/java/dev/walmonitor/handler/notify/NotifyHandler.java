package dev.walmonitor.handler.notify;

import dev.walmonitor.change.RowChange;
import dev.walmonitor.handler.ChangeHandler;
import dev.walmonitor.handler.HandlerResult;
import dev.walmonitor.handler.Hash;
import dev.walmonitor.handler.Notifications.Target;
import dev.walmonitor.handler.json.ChangeEnvelope;
import dev.walmonitor.handler.notify.Attempts.Attempt;
import dev.walmonitor.handler.notify.Attempts.Delivery;
import dev.walmonitor.handler.notify.MessageTemplate.Draft;
import dev.walmonitor.handler.notify.Reports.About;
import dev.walmonitor.rule.Rule;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.Together;
import dev.walmonitor.sink.sql.Queries;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells everybody whom a change concerns, each by the channels that reach them, or sees to it that
 * they are told later, with other changes. Thread-safe.
 *
 * <p>At least once: when one of several deliveries fails, the change is tried again as a whole, and
 * what was delivered before is remembered until it succeeds, so that nobody is told twice by this
 * process. A crash in between forgets it. One channel that is down does not hold up another; on the
 * one that is down, only the first message is tried each time.
 */
final class NotifyHandler implements ChangeHandler {
    /** Stands for those who are too many to be told. */
    private static final String MORE = "more";

    private final Rule rule;
    private final NotifySpec spec;
    private final Desk desk;
    private final Drafts drafts;
    private final Reports reports;
    private final Attempts attempts = new Attempts();
    private final Optional<Told> told;

    NotifyHandler(Rule rule, NotifySpec spec, Queries queries, Desk desk) {
        this.rule = rule;
        this.spec = spec;
        this.desk = desk;
        this.drafts = new Drafts(rule, spec, queries);
        this.reports = new Reports(rule, desk);
        this.told = spec.storm().dedupe().map(Told::new);
    }

    /** In a digest the order of the changes is found when it is written. */
    @Override
    public boolean ordered() {
        return !spec.storm().foldsAll();
    }

    /** Remembers what was told before the start. */
    @Override
    public Uni<HandlerResult> warm() {
        Optional<Duration> time = spec.storm().dedupe();
        if (time.isEmpty()) {
            return Uni.createFrom().item(HandlerResult.NONE);
        }
        return Uni.createFrom()
                .deferred(() -> {
                    Instant now = desk.clock().instant();
                    return desk.store()
                            .told(rule.source(), rule.name(), now.minus(time.get()))
                            .invoke(keys -> told.ifPresent(known -> known.remember(keys)))
                            .replaceWith(HandlerResult.NONE);
                });
    }

    @Override
    public Uni<HandlerResult> handle(RowChange change) {
        return Uni.createFrom()
                .deferred(() -> {
                    String id = ChangeEnvelope.id(change);
                    Attempt attempt = attempts.of(change.id());
                    return drafts.of(change)
                            .onFailure()
                            .invoke(failure -> unwritten(id, attempt, failure))
                            .chain(written -> deliver(change, id, attempt, written))
                            .invoke(() -> attempts.succeeded(change.id()))
                            .onFailure()
                            .invoke(() -> attempts.failed(change.id(), attempt));
                });
    }

    private void unwritten(String id, Attempt attempt, Throwable failure) {
        Delivery none = new Delivery("", Recipient.ANYBODY);
        reports.failed(new About(id, "", "", ""), failure, attempt.failed().add(none));
    }

    private Uni<HandlerResult> deliver(
            RowChange change, String id, Attempt attempt, Drafts.Written written) {
        if (written.drafts().isEmpty()) {
            reports.suppressed(new About(id, "", "", ""), "nobody is concerned");
        }
        if (written.more() && attempt.done().add(new Delivery(MORE, Recipient.ANYBODY))) {
            reports.suppressed(
                    new About(id, "", "", ""), "more than " + spec.most() + " recipients");
        }
        List<Uni<Void>> channels = new ArrayList<>();
        byChannel(id, attempt, written.drafts())
                .forEach((channel, some) ->
                        channels.add(deliver(channel, new Job(change, id, attempt), some)));
        return Together.all(channels).replaceWith(result(written.drafts().size()));
    }

    private HandlerResult result(int recipients) {
        return HandlerResult.of(spec.storm().foldsAll() ? "folded" : "notified")
                .with("recipients", recipients)
                .with(
                        "channels",
                        spec.channels().stream()
                                .map(Channel::name)
                                .collect(Collectors.joining(",")));
    }

    private Map<Channel, List<Draft>> byChannel(String id, Attempt attempt, List<Draft> drafts) {
        Map<Channel, List<Draft>> byChannel = new LinkedHashMap<>();
        for (Draft draft : drafts) {
            Route route = Route.of(spec.channels(), draft.to());
            route.channels()
                    .forEach(channel ->
                            byChannel.computeIfAbsent(channel, c -> new ArrayList<>()).add(draft));
            if (route.channels().isEmpty() && attempt.done().add(new Delivery("", draft.to()))) {
                reports.suppressed(about(id, draft, ""), route.why());
            }
        }
        return byChannel;
    }

    /** One change on its way. */
    private record Job(RowChange change, String id, Attempt attempt) {}

    private Uni<Void> deliver(Channel channel, Job job, List<Draft> drafts) {
        return Multi.createFrom()
                .iterable(drafts)
                .onItem()
                .transformToUniAndConcatenate(draft -> deliver(channel, job, draft))
                .onItem()
                .ignoreAsUni();
    }

    private Uni<Void> deliver(Channel channel, Job job, Draft draft) {
        Delivery delivery = new Delivery(channel.name(), draft.to());
        if (job.attempt().done().contains(delivery)) {
            return Uni.createFrom().voidItem();
        }
        About about = about(job.id(), draft, channel.name());
        Instant now = desk.clock().instant();
        String key = key(channel, draft);
        if (key != null && !told.orElseThrow().claim(key, job.id(), now)) {
            reports.suppressed(about, "told already within " + time());
            job.attempt().done().add(delivery);
            return Uni.createFrom().voidItem();
        }
        boolean folds = spec.storm().folds(job.change(), now);
        Uni<Void> work =
                folds
                        ? desk.folding().fold(item(channel, job, draft))
                        : channel.send(draft.message());
        return work.invoke(
                        () -> {
                            job.attempt().done().add(delivery);
                            if (folds) {
                                reports.folded(about);
                            } else {
                                reports.sent(about, key);
                            }
                        })
                .onFailure()
                .invoke(failure -> {
                    if (key != null) {
                        told.orElseThrow().release(key, job.id());
                    }
                    reports.failed(about, failure, job.attempt().failed().add(delivery));
                });
    }

    private @Nullable String key(Channel channel, Draft draft) {
        return told.isEmpty()
                ? null
                : Hash.of(rule.name(), channel.name(), Person.text(draft.to()), draft.same());
    }

    private String time() {
        return spec.storm().dedupe().map(d -> d.toSeconds() + " s").orElse("");
    }

    private Folding.Item item(Channel channel, Job job, Draft draft) {
        String person = Person.text(draft.to());
        Target target =
                new Target(
                        rule.source(),
                        rule.name(),
                        channel.name(),
                        Hash.of(channel.name(), person),
                        person);
        return new Folding.Item(
                spec.storm(),
                target,
                job.id(),
                job.change().id(),
                spec.storm().move(job.change()).orElse(null),
                draft.message());
    }

    private static About about(String id, Draft draft, String channel) {
        return new About(id, draft.to().label(), channel, draft.message().title());
    }
}
