package dev.walmonitor.sink.slack;

import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.Wording;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A message in Slack's own markup. What comes from rows cannot mention anybody or hide a link. */
final class SlackText {
    /** Characters; escaped they are at most five times as many, and Slack takes 40,000. */
    private static final int LONGEST = 7_000;

    private static final int LONGEST_TITLE = 500;
    private static final Pattern MEMBER = Pattern.compile("[UW][A-Z0-9]{5,20}");

    private SlackText() {}

    /**
     * @param addressed whether it says whom it is for
     */
    static String of(Message message, boolean addressed) {
        String whom = addressed ? whom(message.to()) : "";
        String head =
                "*"
                        + escaped(Wording.cut(message.title(), LONGEST_TITLE))
                        + "*"
                        + (whom.isEmpty() ? "" : " " + whom);
        String body = Wording.cut(message.body().strip(), LONGEST);
        String text = body.isEmpty() ? head : head + "\n" + escaped(body);
        return Wording.link(message.link())
                .map(link -> text + "\n<" + link.replace("&", "&amp;") + ">")
                .orElse(text);
    }

    static boolean isMember(@Nullable String account) {
        return account != null && MEMBER.matcher(account).matches();
    }

    private static String whom(Recipient to) {
        return isMember(to.slack()) ? "<@" + to.slack() + ">" : escaped(to.label());
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
