package dev.walmonitor.sink.slack;

import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import java.util.regex.Pattern;

/** A message in Slack's own markup. What comes from rows cannot mention anybody or hide a link. */
final class SlackText {
    private static final int LONGEST = 30_000;
    private static final Pattern MEMBER = Pattern.compile("[UW][A-Z0-9]{5,20}");

    private SlackText() {}

    static String of(Message message) {
        String whom = whom(message.to());
        String head = "*" + escaped(message.title()) + "*" + (whom.isEmpty() ? "" : " " + whom);
        String text =
                message.body().isBlank() ? head : head + "\n" + escaped(message.body().strip());
        return text.length() <= LONGEST ? text : cut(text);
    }

    private static String whom(Recipient to) {
        return to.slack() != null && MEMBER.matcher(to.slack()).matches()
                ? "<@" + to.slack() + ">"
                : escaped(to.label());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static String cut(String text) {
        int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
        return text.substring(0, end) + "\u2026";
    }
}
