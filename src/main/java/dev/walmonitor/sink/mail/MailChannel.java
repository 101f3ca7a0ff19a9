package dev.walmonitor.sink.mail;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Rate;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import dev.walmonitor.sink.Wording;
import io.quarkus.mailer.Mail;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * E-mail: a title as the subject, the body as text and as HTML in which nothing of a row is markup.
 * An address that could be more than one address, or a header, is none. Thread-safe.
 */
final class MailChannel implements Channel {
    private static final int LONGEST_SUBJECT = 200;
    private static final int LONGEST_ADDRESS = 254;
    private static final String PART = "[^\\s@<>()\\[\\]\\\\,;:\"\\p{Cntrl}]+";
    private static final Pattern ADDRESS = Pattern.compile(PART + "@" + PART);

    private final Function<Mail, Uni<Void>> post;
    private final MailConfig config;
    private final Optional<String> from;

    /**
     * @param post hands a mail to the server
     * @param from whom mails come from; the server's client puts it in
     */
    MailChannel(Function<Mail, Uni<Void>> post, MailConfig config, Optional<String> from) {
        this.post = post;
        this.config = config;
        this.from = from.filter(text -> !text.isBlank());
    }

    @Override
    public String name() {
        return "mail";
    }

    @Override
    public Optional<String> fault() {
        return from.isEmpty()
                ? Optional.of(
                        "Mail has no sender; set quarkus.mailer.from to its address, and quarkus.mailer.host to the"
                                + " server.")
                : Rate.fault("wal-monitor.channels.mail.rate", config.rate());
    }

    @Override
    public Optional<Rate> rate() {
        return Rate.of(config.rate());
    }

    @Override
    public Reach reach(Recipient to) {
        String address = to.email();
        if (address == null || address.isBlank()) {
            return new Reach.Nowhere("no e-mail address");
        }
        return isAddress(address)
                ? Reach.Account.ACCOUNT
                : new Reach.Nowhere("the e-mail address is malformed");
    }

    private static boolean isAddress(@Nullable String address) {
        return address != null
                && address.length() <= LONGEST_ADDRESS
                && ADDRESS.matcher(address).matches();
    }

    @Override
    public Uni<Void> send(Message message) {
        return Uni.createFrom()
                .deferred(() -> post.apply(mail(message)))
                .ifNoItem()
                .after(config.timeout())
                .fail()
                .onFailure()
                .transform(this::sentence);
    }

    private static Mail mail(Message message) {
        String address = message.to().email();
        if (address == null || !isAddress(address)) {
            throw new SinkException(
                    "A mail cannot be sent: the e-mail address is malformed", false);
        }
        String subject = Wording.cut(Wording.oneLine(message.title()), LONGEST_SUBJECT);
        return Mail.withText(address, subject, MailText.text(message))
                .setHtml(MailText.html(message))
                .addHeader("Auto-Submitted", "auto-generated");
    }

    private SinkException sentence(Throwable failure) {
        return switch (failure) {
            case SinkException known -> known;
            case TimeoutException e ->
                    new SinkException(
                            "The mail server did not answer within "
                                    + config.timeout().toMillis()
                                    + " ms",
                            true);
            default -> Refusal.of(failure);
        };
    }
}
