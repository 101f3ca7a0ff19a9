package dev.walmonitor.sink.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import com.icegreen.greenmail.util.ServerSetup;
import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Message;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import dev.walmonitor.sink.SinkException;
import io.quarkus.arc.All;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The mail server is a real one on loopback. */
@QuarkusTest
@TestProfile(MailChannelTest.OnLoopback.class)
class MailChannelTest {
    private static final GreenMail SERVER =
            new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));

    /** The service with a mail server. */
    public static final class OnLoopback implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            SERVER.start();
            return Map.of(
                    "quarkus.mailer.mock", "false",
                    "quarkus.mailer.host", "127.0.0.1",
                    "quarkus.mailer.port", Integer.toString(SERVER.getSmtp().getPort()),
                    "quarkus.mailer.from", "wal-monitor@example.org");
        }
    }

    @Inject @All List<Channel> channels;

    @BeforeEach
    void empty() throws Exception {
        SERVER.purgeEmailFromAllMailboxes();
    }

    @AfterAll
    static void stop() {
        SERVER.stop();
    }

    @Test
    void aMessageIsAMailOfTextAndHtmlInWhichNothingOfARowIsMarkup() throws Exception {
        send(
                new Message(
                        to("ann@example.org"),
                        "Größer & <b>",
                        "was <script>1</script>\nis \"2\"",
                        "https://example.org/?a=1&b=2"));
        MimeMessage mail = only();

        assertThat(mail.getSubject()).isEqualTo("Größer & <b>");
        assertThat(mail.getFrom())
                .extracting(Object::toString)
                .containsExactly("wal-monitor@example.org");
        assertThat(mail.getAllRecipients())
                .extracting(Object::toString)
                .containsExactly("ann@example.org");
        assertThat(mail.getHeader("Auto-Submitted")).containsExactly("auto-generated");
        assertThat(part(mail, 0))
                .isEqualTo("was <script>1</script>\nis \"2\"\n\nhttps://example.org/?a=1&b=2");
        assertThat(part(mail, 1))
                .isEqualTo(
                        """
                        <!DOCTYPE html>
                        <html><body>
                        <p><strong>Größer &amp; &lt;b&gt;</strong></p>
                        <p>was &lt;script&gt;1&lt;/script&gt;<br>
                        is &quot;2&quot;</p>
                        <p><a href="https://example.org/?a=1&amp;b=2">https://example.org/?a=1&amp;b=2</a></p>
                        </body></html>\
                        """);
    }

    @Test
    void aTitleWithANewlineMakesNoHeader() throws Exception {
        send(new Message(to("ann@example.org"), "Hello\r\nBcc: all@example.org", "b"));
        MimeMessage mail = only();

        assertThat(mail.getSubject()).isEqualTo("Hello Bcc: all@example.org");
        assertThat(mail.getHeader("Bcc")).isNull();
        assertThat(mail.getAllRecipients()).hasSize(1);
    }

    @Test
    void anAddressThatCouldBeMoreThanOneIsNone() {
        Channel mail = mail();
        for (String odd :
                List.of(
                        "ann@example.org\nBcc: all@example.org",
                        "ann@example.org, all@example.org",
                        "Ann <ann@example.org>",
                        "ann",
                        "a@b@c",
                        "ann@example.org ",
                        "a".repeat(300) + "@example.org")) {
            assertThat(mail.reach(to(odd)))
                    .isEqualTo(new Reach.Nowhere("the e-mail address is malformed"));
            assertThatThrownBy(() -> send(new Message(to(odd), "t", "b")))
                    .isInstanceOfSatisfying(
                            SinkException.class, e -> assertThat(e.isRetryable()).isFalse())
                    .hasMessage("A mail cannot be sent: the e-mail address is malformed");
        }
        assertThat(SERVER.getReceivedMessages()).isEmpty();
        assertThat(mail.reach(to(null))).isEqualTo(new Reach.Nowhere("no e-mail address"));
        assertThat(mail.reach(to("ann@example.org"))).isEqualTo(Reach.Account.ACCOUNT);
    }

    @Test
    void aBodyOfOneMegabyteIsCutWithANote() throws Exception {
        send(new Message(to("ann@example.org"), "t", "x".repeat(1_000_000)));

        assertThat(part(only(), 0)).hasSizeLessThan(101_000).endsWith("(900000 characters cut)");
    }

    @Test
    void aServerThatRefusesAndOneThatIsNotThereAreTold() {
        MailChannel unreachable =
                new MailChannel(
                        mail ->
                                Uni.createFrom()
                                        .failure(new IOException("Connection refused: a@b")),
                        new Config(),
                        Optional.of("a@b"));
        assertThatThrownBy(() -> send(unreachable, new Message(to("a@b"), "t", "b")))
                .hasMessage("The mail server cannot be reached");
        MailChannel silent =
                new MailChannel(
                        mail -> Uni.createFrom().nothing(), new Config(), Optional.of("a@b"));
        assertThatThrownBy(() -> send(silent, new Message(to("a@b"), "t", "b")))
                .isInstanceOfSatisfying(
                        SinkException.class, e -> assertThat(e.isRetryable()).isTrue())
                .hasMessage("The mail server did not answer within 100 ms");
    }

    @Test
    void withoutASenderItSaysWhatToSet() {
        assertThat(mail().fault()).isEmpty();
        assertThat(
                        new MailChannel(
                                        mail -> Uni.createFrom().voidItem(),
                                        new Config(),
                                        Optional.empty())
                                .fault())
                .contains(
                        "Mail has no sender; set quarkus.mailer.from to its address, and quarkus.mailer.host to the"
                                + " server.");
    }

    private record Config() implements MailConfig {
        @Override
        public Duration timeout() {
            return Duration.ofMillis(100);
        }

        @Override
        public Optional<String> rate() {
            return Optional.empty();
        }
    }

    private static Recipient to(@Nullable String address) {
        return new Recipient("Ann", address, null, null, null);
    }

    private Channel mail() {
        return channels.stream().filter(c -> c.name().equals("mail")).findFirst().orElseThrow();
    }

    private void send(Message message) {
        send(mail(), message);
    }

    private static void send(Channel channel, Message message) {
        channel.send(message).await().atMost(Duration.ofSeconds(20));
    }

    private static MimeMessage only() {
        assertThat(SERVER.getReceivedMessages()).hasSize(1);
        return SERVER.getReceivedMessages()[0];
    }

    private static String part(MimeMessage mail, int index) throws MessagingException, IOException {
        MimeMultipart parts = (MimeMultipart) mail.getContent();
        assertThat(GreenMailUtil.getHeaders(mail)).contains("multipart/alternative");
        return parts.getBodyPart(index).getContent().toString().replace("\r\n", "\n").strip();
    }
}
