package dev.walmonitor.sink.mail;

import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Wording;

/** A message as text and as HTML. */
final class MailText {
    private static final int LONGEST = 100_000;

    private MailText() {}

    static String text(Message message) {
        String text = body(message);
        return Wording.link(message.link())
                .map(link -> text + (text.isEmpty() ? "" : "\n\n") + link)
                .orElse(text);
    }

    static String html(Message message) {
        StringBuilder html = new StringBuilder("<!DOCTYPE html>\n<html><body>\n<p><strong>");
        html.append(escaped(Wording.oneLine(message.title()))).append("</strong></p>\n");
        String body = body(message);
        if (!body.isEmpty()) {
            html.append("<p>").append(escaped(body).replace("\n", "<br>\n")).append("</p>\n");
        }
        Wording.link(message.link())
                .map(MailText::escaped)
                .ifPresent(link ->
                        html.append("<p><a href=\"")
                                .append(link)
                                .append("\">")
                                .append(link)
                                .append("</a></p>\n"));
        return html.append("</body></html>\n").toString();
    }

    private static String body(Message message) {
        return Wording.cut(message.body().strip(), LONGEST);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
