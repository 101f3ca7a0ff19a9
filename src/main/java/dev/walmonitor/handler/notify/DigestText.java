package dev.walmonitor.handler.notify;

import dev.walmonitor.handler.Notifications.Folded;
import dev.walmonitor.handler.Notifications.Item;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.Wording;
import io.quarkus.qute.Engine;
import io.quarkus.qute.Template;
import io.quarkus.qute.TemplateException;
import io.smallrye.mutiny.Uni;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one message that many changes become: how many there are, the first of them, and a link.
 *
 * @param title empty for the default
 */
record DigestText(Optional<Template> title) {
    private static final Logger LOG = Logger.getLogger(DigestText.class);
    private static final int LONGEST_LINE = 300;

    /** How many changes are shown. */
    static final int FIRST = 10;

    static final DigestText DEFAULT = new DigestText(Optional.empty());

    /**
     * @throws TemplateException if the template is malformed
     */
    static DigestText of(Engine engine, String rule, String title) {
        return new DigestText(
                Optional.of(engine.parse(title, null, "notify.digest-title of rule " + rule)));
    }

    /**
     * The message. A single change is told as if it had come alone.
     *
     * @param folded of which something is to be told
     */
    Uni<Message> message(String rule, Folded folded, Recipient to) {
        Item first = folded.first().getFirst();
        return folded.told() == 1
                ? Uni.createFrom().item(new Message(to, first.title(), first.body(), first.link()))
                : title(rule, folded, to)
                        .map(head -> new Message(to, head, body(folded), first.link()));
    }

    private Uni<String> title(String rule, Folded folded, Recipient to) {
        String plain = rule + ": " + folded.told() + " changes";
        if (title.isEmpty()) {
            return Uni.createFrom().item(plain);
        }
        Map<String, @Nullable Object> data = new HashMap<>();
        data.put("count", folded.told());
        data.put("rule", rule);
        data.put("first", folded.first().getFirst().title());
        data.put("recipient", RowMap.of(to));
        return Uni.createFrom()
                .deferred(() -> title.get().data(data).createUni())
                .map(Wording::oneLine)
                .onFailure()
                .invoke(failure ->
                        LOG.warnf(
                                "Rule %s: notify.digest-title cannot be filled (%s); a plain title is used.",
                                rule, failure.getClass().getSimpleName()))
                .onFailure()
                .recoverWithItem(plain);
    }

    private static String body(Folded folded) {
        StringBuilder body = new StringBuilder();
        for (Item item : folded.first()) {
            body.append("\u2022 ").append(Wording.cut(item.title(), LONGEST_LINE)).append('\n');
        }
        long more = folded.told() - folded.first().size();
        return more > 0 ? body + "\u2026 and " + more + " more" : body.toString().strip();
    }
}
