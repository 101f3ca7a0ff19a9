package dev.walmonitor.sink.mail;

import dev.walmonitor.sink.SinkException;
import io.vertx.ext.mail.SMTPException;

/** What a mail server's refusal means. Its words are not shown: they quote addresses. */
final class Refusal {

    private Refusal() {}

    static SinkException of(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SMTPException refused) {
                int code = refused.getReplyCode();
                return new SinkException(
                        "The mail server answered "
                                + code
                                + (refused.isPermanent() ? ": it does not take the message" : ""),
                        !refused.isPermanent());
            }
        }
        return new SinkException("The mail server cannot be reached", true);
    }
}
