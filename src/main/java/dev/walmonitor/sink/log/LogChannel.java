package dev.walmonitor.sink.log;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** The channel {@code log}: one line a message. */
@Singleton
public final class LogChannel implements Channel {
    private static final Logger LOG = Logger.getLogger(LogChannel.class);
    private static final Pattern BREAKS = Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\s]+");

    @Override
    public String name() {
        return "log";
    }

    @Override
    public Uni<Void> send(Message message) {
        return Uni.createFrom()
                .voidItem()
                .invoke(() ->
                        LOG.infof(
                                "Told %s: %s%s",
                                oneLine(whom(message)),
                                oneLine(message.title()),
                                message.body().isBlank() ? "" : " - " + oneLine(message.body())));
    }

    private static String whom(Message message) {
        String label = message.to().label();
        return label.isEmpty() ? "everybody" : label;
    }

    /** A value cannot forge a line of its own. */
    private static String oneLine(String text) {
        return BREAKS.matcher(text).replaceAll(" ").strip();
    }
}
