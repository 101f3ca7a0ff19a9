package dev.walmonitor.sink.log;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.Wording;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** The channel {@code log}: one line a message, which no value can break. */
@Singleton
public final class LogChannel implements Channel {
    private static final Logger LOG = Logger.getLogger(LogChannel.class);
    private static final int LONGEST = 8_000;

    @Override
    public String name() {
        return "log";
    }

    @Override
    public Reach reach(Recipient to) {
        return Reach.Always.ALWAYS;
    }

    @Override
    public Uni<Void> send(Message message) {
        return Uni.createFrom()
                .voidItem()
                .invoke(() ->
                        LOG.infof(
                                "Told %s: %s%s%s",
                                line(whom(message)),
                                line(message.title()),
                                message.body().isBlank() ? "" : " - " + line(message.body()),
                                Wording.link(message.link()).map(link -> " " + link).orElse("")));
    }

    private static String whom(Message message) {
        String label = message.to().label();
        return label.isEmpty() ? "everybody" : label;
    }

    private static String line(String text) {
        return Wording.cut(Wording.oneLine(text), LONGEST);
    }
}
