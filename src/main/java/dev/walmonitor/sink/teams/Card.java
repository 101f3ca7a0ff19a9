package dev.walmonitor.sink.teams;

import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.Wording;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A message as an Adaptive Card 1.4. What comes from rows stands in runs of text, which know no
 * markup.
 */
final class Card {
    /** Characters; Teams takes 28 KB of JSON. */
    private static final int LONGEST = 4_000;

    private static final int LONGEST_TITLE = 300;
    private static final int LONGEST_NAME = 80;
    private static final Pattern ACCOUNT = Pattern.compile("[^\\s<>\"'\\p{Cntrl}]{1,254}");

    private Card() {}

    static boolean isAccount(@Nullable String account) {
        return account != null && ACCOUNT.matcher(account).matches();
    }

    static JsonObject of(Message message) {
        JsonObject title =
                text(Wording.cut(message.title(), LONGEST_TITLE))
                        .put("weight", "Bolder")
                        .put("size", "Medium");
        JsonArray blocks = new JsonArray().add(block(title));
        JsonObject card =
                new JsonObject()
                        .put("$schema", "http://adaptivecards.io/schemas/adaptive-card.json")
                        .put("type", "AdaptiveCard")
                        .put("version", "1.4");
        whom(message.to(), blocks, card);
        if (!message.body().isBlank()) {
            blocks.add(block(text(Wording.cut(message.body().strip(), LONGEST))));
        }
        card.put("body", blocks);
        Wording.link(message.link())
                .ifPresent(link ->
                        card.put(
                                "actions",
                                new JsonArray()
                                        .add(
                                                new JsonObject()
                                                        .put("type", "Action.OpenUrl")
                                                        .put("title", "Open")
                                                        .put("url", link))));
        JsonObject attachment =
                new JsonObject()
                        .put("contentType", "application/vnd.microsoft.card.adaptive")
                        .putNull("contentUrl")
                        .put("content", card);
        return new JsonObject()
                .put("type", "message")
                .put("attachments", new JsonArray().add(attachment));
    }

    /** A mention works in a TextBlock alone; of a name it takes what is no markup. */
    private static void whom(Recipient to, JsonArray blocks, JsonObject card) {
        String label = Wording.cut(Wording.oneLine(to.label()), LONGEST_NAME);
        if (!isAccount(to.teams())) {
            if (!label.isEmpty()) {
                blocks.add(block(text(label)));
            }
            return;
        }
        String name = label.replaceAll("[<>&*_\\[\\]()`~#\\\\]", "");
        String mention = "<at>" + name + "</at>";
        blocks.add(new JsonObject().put("type", "TextBlock").put("text", mention));
        JsonObject entity =
                new JsonObject()
                        .put("type", "mention")
                        .put("text", mention)
                        .put("mentioned", new JsonObject().put("id", to.teams()).put("name", name));
        card.put(
                "msteams",
                new JsonObject().put("width", "Full").put("entities", new JsonArray().add(entity)));
    }

    private static JsonObject text(String text) {
        return new JsonObject().put("type", "TextRun").put("text", text);
    }

    private static JsonObject block(JsonObject run) {
        return new JsonObject()
                .put("type", "RichTextBlock")
                .put("inlines", new JsonArray().add(run));
    }
}
