package dev.walmonitor.monitor.alert;

import dev.walmonitor.monitor.alert.AlertTable.Alert;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells alerts by the channels of the configuration. Whom one channel has told is not told again by
 * this process while another channel fails. Thread-safe.
 */
final class Crier {
    private static final Logger LOG = Logger.getLogger(Crier.class);

    /** Somebody to tell by a channel. */
    private record Ear(Channel channel, Recipient to) {}

    /** What was delivered of an alert that is not told whole. */
    private record Delivery(long alert, boolean cleared, Ear ear) {}

    private final List<Ear> ears = new ArrayList<>();
    private final Set<String> faults = new TreeSet<>();
    private final Set<Delivery> delivered = ConcurrentHashMap.newKeySet();

    Crier(List<Channel> channels, AlertsConfig config) {
        List<Recipient> people =
                config.to().orElse(List.of()).stream()
                        .map(address -> new Recipient(null, address, null, null, null))
                        .toList();
        for (String name : config.channels()) {
            channels.stream()
                    .filter(channel -> channel.name().equals(name))
                    .findFirst()
                    .ifPresentOrElse(
                            channel -> add(channel, people),
                            () -> faults.add(unknown(name, channels)));
        }
    }

    private static String unknown(String name, List<Channel> channels) {
        return "wal-monitor.alerts.channels: there is no channel \""
                + name
                + "\"; there are "
                + String.join(", ", channels.stream().map(Channel::name).sorted().toList())
                + ".";
    }

    private void add(Channel channel, List<Recipient> people) {
        Optional<String> fault = channel.fault();
        if (fault.isPresent()) {
            faults.add("wal-monitor.alerts.channels: " + fault.get());
            return;
        }
        int before = ears.size();
        if (!(channel.reach(Recipient.ANYBODY) instanceof Reach.Nowhere)) {
            ears.add(new Ear(channel, Recipient.ANYBODY));
        }
        for (Recipient person : people) {
            if (channel.reach(person) == Reach.Account.ACCOUNT) {
                ears.add(new Ear(channel, person));
            }
        }
        if (ears.size() == before) {
            faults.add(
                    "wal-monitor.alerts.channels: "
                            + channel.name()
                            + " writes to people; name them in wal-monitor.alerts.to.");
        }
    }

    /** What keeps somebody from being told as it is configured, a sentence each. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /** Tells everybody that it began; answers whether all are told. */
    Uni<Boolean> raised(Alert alert) {
        return tell(alert, false, title("Alert", alert), alert.sentence() + "\n" + alert.remedy());
    }

    /** Tells everybody that it is over; answers whether all are told. */
    Uni<Boolean> cleared(Alert alert) {
        return tell(
                alert,
                true,
                title("Over", alert),
                "It was so from "
                        + alert.raisedAt()
                        + " to "
                        + alert.clearedAt()
                        + ": "
                        + alert.sentence());
    }

    /** Whether anybody was told that it began. */
    boolean knows(Alert alert) {
        return delivered.stream().anyMatch(each -> each.alert() == alert.id() && !each.cleared());
    }

    private static String title(String what, Alert alert) {
        String subject = alert.subject().isEmpty() ? "" : ", rule " + alert.subject();
        return what + ": " + name(alert.kind()) + ", source " + alert.source() + subject;
    }

    private static String name(String word) {
        for (AlertKind kind : AlertKind.values()) {
            if (kind.word().equals(word)) {
                return kind.title();
            }
        }
        return word;
    }

    private Uni<Boolean> tell(Alert alert, boolean cleared, String title, String body) {
        Uni<Boolean> all = Uni.createFrom().item(true);
        for (Ear ear : ears) {
            Delivery delivery = new Delivery(alert.id(), cleared, ear);
            if (!delivered.contains(delivery)) {
                all = all.chain(before -> send(delivery, title, body).map(sent -> before && sent));
            }
        }
        return all.invoke(whole -> forget(alert, cleared, whole));
    }

    private void forget(Alert alert, boolean cleared, boolean whole) {
        if (whole) {
            delivered.removeIf(each -> each.alert() == alert.id() && each.cleared() == cleared);
        }
    }

    private Uni<Boolean> send(Delivery delivery, String title, String body) {
        Channel channel = delivery.ear().channel();
        return Uni.createFrom()
                .deferred(() -> channel.send(new Message(delivery.ear().to(), title, body)))
                .invoke(() -> delivered.add(delivery))
                .replaceWith(true)
                .onFailure()
                .invoke(failure ->
                        LOG.warnf(
                                "An alert could not be told by channel %s, and is tried again in a minute: %s",
                                channel.name(), message(failure)))
                .onFailure()
                .recoverWithItem(false);
    }

    private static @Nullable String message(Throwable failure) {
        return failure.getMessage();
    }
}
